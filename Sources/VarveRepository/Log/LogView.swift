import VarveFormat
import VarveStorage

/// The log as far as it was read: its last record and what all records add up to.
struct LogView: Sendable {
    var head: HeadMemory.Head
    var state: RepositoryState
    /// The records it was last read from; the state stands for those before.
    var hashes: [UInt64: RecordHash]
}

extension RecordReader {
    /// The numbers of the log behind `after`, in order; each exists in at least one copy.
    func numbers(after: UInt64?) throws -> [UInt64] {
        do {
            let objects = try storage.list(ObjectName.log, after: after.map(ObjectName.record))
            return objects.compactMap { ObjectName.recordNumber($0.name) }
        } catch {
            throw RepositoryError.storage(error)
        }
    }

    /// Reads a log from its newest whole checkpoint to its head; `numbers` must not be empty.
    func view(_ numbers: [UInt64]) throws -> LogView {
        guard let last = numbers.last else {
            throw RepositoryError.damaged(ObjectName.log, "the log is empty")
        }
        var checkpoint = last - last % LogRecord.checkpointInterval
        while true {
            let records = try chain(from: checkpoint, to: last, numbers)
            if let start = try start(at: records[0]) {
                return try fold(records, onto: start)
            }
            guard checkpoint >= LogRecord.checkpointInterval else {
                throw RepositoryError.damaged(ObjectName.record(0), "the log has no beginning")
            }
            checkpoint -= LogRecord.checkpointInterval
        }
    }

    /// The records behind `view`, added to it.
    func advance(_ view: LogView, _ numbers: [UInt64]) throws -> LogView {
        guard let last = numbers.last, last > view.head.number else { return view }
        let records = try chain(from: view.head.number, to: last, [view.head.number] + numbers)
        if records[0].number > view.head.number, let start = try start(at: records[0]) {
            return try fold(records, onto: start)
        }
        guard records[0].hash == view.head.hash else {
            throw RepositoryError.rolledBack(
                location: storage.location, seen: view.head.number, found: last)
        }
        return try fold(records, onto: view.state)
    }

    /// The records from `first` to `last`, each the one that its successor follows; what stands
    /// before a mend is left out.
    private func chain(
        from first: UInt64, to last: UInt64, _ numbers: [UInt64]
    ) throws -> [StoredRecord] {
        let present = Set(numbers)
        var records: [StoredRecord] = []
        var expected: RecordHash?
        for number in (first...last).reversed() {
            guard present.contains(number) else {
                throw RepositoryError.damaged(
                    object: ObjectName.record(number), reason: "it is missing from the log",
                    affects: "what stands after it cannot be trusted")
            }
            let stored = try record(number, hash: expected)
            expected = stored.record.previous
            records.append(stored)
            if case .mend = stored.record.event { break }
        }
        records.reverse()
        return records
    }

    /// The state after the first record, when that record says or names one that is whole.
    private func start(at first: StoredRecord) throws -> RepositoryState? {
        switch first.record.event {
        case .initialise(let parameters): return RepositoryState(initial: parameters)
        case .checkpoint(let checkpoint):
            guard let id = checkpoint.state else { return nil }
            do {
                var state = try state(id, number: first.number, hash: checkpoint.stateHash)
                try state.apply(first.record, number: first.number, hash: first.hash)
                return state
            } catch RepositoryError.damaged {
                // It can be added up again from the one before.
                return nil
            }
        case .mend(let mend):
            let state = try state(mend.state, number: first.number, hash: mend.stateHash)
            return try RepositoryState(mended: state, at: first.number)
        default: return nil
        }
    }

    /// Adds all records but the first, whose state is `start`.
    private func fold(_ records: [StoredRecord], onto start: RepositoryState) throws -> LogView {
        var state = start
        for stored in records.dropFirst() {
            do {
                try state.apply(stored.record, number: stored.number, hash: stored.hash)
            } catch {
                throw RepositoryError.damaged(
                    ObjectName.record(stored.number), error.description)
            }
        }
        let last = records[records.count - 1]
        let hashes = records.map { ($0.number, $0.hash) }
        return LogView(
            head: .init(number: last.number, hash: last.hash), state: state,
            hashes: Dictionary(hashes) { $1 })
    }
}
