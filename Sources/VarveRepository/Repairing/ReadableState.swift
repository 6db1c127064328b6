import VarveCodec
import VarveFormat
import VarveStorage

/// The newest state of a damaged log that can be read, and the record that it goes up to.
struct ReadableState {
    /// Nil when there is none.
    private(set) var number: UInt64?
    /// After that record.
    private(set) var state: RepositoryState?

    /// States whose records are lost are tried at the numbers of these; so many, the newest first.
    private static let statesTried = 8

    init(_ reader: RecordReader, _ listed: StorageListing, below end: UInt64) throws {
        let checkpoints = stride(from: UInt64(0), to: end, by: Int(LogRecord.checkpointInterval))
        // A mend stands anywhere; what no record is left of may have been one.
        let numbers = Set(listed.records.keys).union(checkpoints).sorted(by: >)
        for number in numbers {
            guard let found = try Self.state(at: number, reader, listed) else { continue }
            (self.number, state) = (number, found)
            return
        }
    }

    private static func state(
        at number: UInt64, _ reader: RecordReader, _ listed: StorageListing
    ) throws -> RepositoryState? {
        guard listed.records[number] != nil else { return try lone(at: number, reader, listed) }
        guard let stored = try reader.wholeRecord(number) else {
            return try lone(at: number, reader, listed)
        }
        do {
            switch stored.record.event {
            case .initialise(let parameters): return RepositoryState(initial: parameters)
            case .checkpoint(let checkpoint):
                guard let id = checkpoint.state else { return nil }
                var state = try reader.state(id, number: number, hash: checkpoint.stateHash)
                try state.apply(stored.record, number: number, hash: stored.hash)
                return state
            case .mend(let mend):
                let state = try reader.state(mend.state, number: number, hash: mend.stateHash)
                return try RepositoryState(mended: state, at: number)
            default: return nil
            }
        } catch RepositoryError.damaged {
            return nil
        } catch is FormatError {
            return nil
        }
    }

    /// A state whose record is lost: a state says which number it belongs to, and is sealed with it.
    private static func lone(
        at number: UInt64, _ reader: RecordReader, _ listed: StorageListing
    ) throws -> RepositoryState? {
        guard number > 0 else { return nil }
        for id in listed.states.prefix(statesTried) {
            if var state = try reader.state(id, at: number) {
                state.number = number + 1
                return state
            }
        }
        return nil
    }
}

extension RecordReader {
    /// The record, or nil when no copy of it can be read.
    func wholeRecord(_ number: UInt64, hash: RecordHash? = nil) throws -> StoredRecord? {
        do {
            return try record(number, hash: hash)
        } catch RepositoryError.damaged {
            return nil
        } catch RepositoryError.storage(let error) where error.isDamage {
            return nil
        }
    }

    /// The state `id` if it is that of record `number`, whatever that record says.
    fileprivate func state(_ id: StateID, at number: UInt64) throws -> RepositoryState? {
        do {
            let bytes = try storage.get(
                ObjectName.state(id), limit: UnitKind.state.bodyLimit + UnitHeader.overhead)
            let place = LogPlace(repository: repository, number: number)
            let state = try RepositoryState(keys.open(.state, bytes, place: place))
            return state.number == number ? state : nil
        } catch let error as StorageError {
            guard error.isDamage else { throw RepositoryError.storage(error) }
            return nil
        } catch is SealError {
            return nil
        } catch is FormatError {
            return nil
        }
    }
}
