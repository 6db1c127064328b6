package import VarveFormat
import VarveStorage

extension Repository {
    /// The states that an opening of the log may begin with; nil when that cannot be told.
    ///
    /// Others have nothing but the storage to begin with, whatever this machine has kept.
    package func statesInUse() throws -> Set<StateID>? { try log.statesInUse() }
}

extension RecordReader {
    /// The states that the two newest checkpoints with a whole one name, and those of mends behind
    /// the older of them.
    func statesInUse(downFrom head: HeadMemory.Head) throws -> Set<StateID>? {
        var found: Set<StateID> = []
        var (checkpoints, expected) = (0, head.hash)
        do {
            for number in (0...head.number).reversed() {
                let stored = try record(number, hash: expected, isVouched: true)
                expected = stored.record.previous
                switch stored.record.event {
                case .initialise: return found
                case .mend(let mend):
                    // What came before cannot be added up without it.
                    found.insert(mend.state)
                    return found
                case .checkpoint(let checkpoint):
                    guard let id = checkpoint.state, isWhole(id, number, checkpoint) else {
                        continue
                    }
                    found.insert(id)
                    checkpoints += 1
                    if checkpoints == 2 { return found }
                default: continue
                }
            }
        } catch RepositoryError.damaged {
            return nil
        }
        return found
    }

    private func isWhole(_ id: StateID, _ number: UInt64, _ checkpoint: Checkpoint) -> Bool {
        let reader = RecordReader(storage: storage.unkept, repository: repository, keys: keys)
        return (try? reader.state(id, number: number, hash: checkpoint.stateHash)) != nil
    }
}
