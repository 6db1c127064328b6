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

    /// `epochs` are those of each keyring, oldest first.
    init(
        _ reader: RecordReader, _ listed: StorageListing, below end: UInt64,
        epochs: [KeyringObjectID: [EpochID]]
    ) throws {
        let checkpoints = stride(from: UInt64(0), to: end, by: Int(LogRecord.checkpointInterval))
        // A mend stands anywhere; what no record is left of may have been one.
        let numbers = Set(listed.records.keys).union(checkpoints).sorted(by: >)
        for number in numbers {
            guard let found = try Self.state(at: number, reader, listed),
                try !Self.isOver(found.epoch, before: number, reader, listed, epochs)
            else { continue }
            (self.number, state) = (number, found.state)
            return
        }
    }

    /// Whether a record before `number` began an epoch behind `epoch`, or is sealed under one: then
    /// whoever sealed what stands there had only a key that was replaced.
    private static func isOver(
        _ epoch: EpochID, before number: UInt64, _ reader: RecordReader,
        _ listed: StorageListing, _ epochs: [KeyringObjectID: [EpochID]]
    ) throws -> Bool {
        let later = Set(
            epochs.values.flatMap { chain in
                chain.firstIndex(of: epoch).map { chain[($0 + 1)...] } ?? []
            })
        guard !later.isEmpty else { return false }
        return try listed.records.keys.contains { earlier in
            guard earlier < number, let stored = try reader.wholeRecord(earlier) else {
                return false
            }
            if case .rotate(let keyring) = stored.record.event,
                let begun = epochs[keyring]?.last, later.contains(begun)
            {
                return true
            }
            return later.contains(stored.epoch)
        }
    }

    private typealias Found = (state: RepositoryState, epoch: EpochID)

    private static func state(
        at number: UInt64, _ reader: RecordReader, _ listed: StorageListing
    ) throws -> Found? {
        guard listed.records[number] != nil else { return try lone(at: number, reader, listed) }
        guard let stored = try reader.wholeRecord(number) else {
            return try lone(at: number, reader, listed)
        }
        do {
            switch stored.record.event {
            case .initialise(let parameters):
                return (RepositoryState(initial: parameters), stored.epoch)
            case .checkpoint(let checkpoint):
                guard let id = checkpoint.state else { return nil }
                var state = try reader.state(id, number: number, hash: checkpoint.stateHash)
                try state.apply(stored.record, number: number, hash: stored.hash)
                return (state, stored.epoch)
            case .mend(let mend):
                let state = try reader.state(mend.state, number: number, hash: mend.stateHash)
                return (try RepositoryState(mended: state, at: number), stored.epoch)
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
    ) throws -> Found? {
        guard number > 0 else { return nil }
        for id in listed.states.prefix(statesTried) {
            if var found = try reader.state(id, at: number) {
                found.state.number = number + 1
                return found
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

    /// The state `id` if it is that of record `number`, whatever that record says, and what it is sealed
    /// under.
    fileprivate func state(
        _ id: StateID, at number: UInt64
    ) throws -> (state: RepositoryState, epoch: EpochID)? {
        do {
            let bytes = try storage.get(
                ObjectName.state(id), limit: UnitKind.state.bodyLimit + UnitHeader.overhead)
            let place = LogPlace(repository: repository, number: number)
            let state = try RepositoryState(keys.open(.state, bytes, place: place))
            guard state.number == number else { return nil }
            return (state, try UnitHeader(startOf: bytes).epoch)
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
