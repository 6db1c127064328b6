import VarveFormat
import VarveStorage

/// The log as far as it was read: its last record and what all records add up to.
struct LogView: Sendable {
    var head: HeadMemory.Head
    var state: RepositoryState
    /// The records it was last read from; the state stands for those before.
    var hashes: [UInt64: RecordHash]
    /// The newest record read that may have taken away what an earlier state named; 0 for none.
    var lastUpheaval: UInt64 = 0
    /// The newest record read that names segments of maintenance, which may name packs of anybody; 0
    /// for none.
    var lastNaming: UInt64 = 0
    /// All packs of which this process ever read that they were swept: the state forgets them at last.
    var swept: Set<PackID> = []
}

extension LogEvent {
    /// Whether what resolved before it may no longer do so.
    fileprivate var isUpheaval: Bool {
        switch self {
        case .sweep, .lost, .mend: true
        default: false
        }
    }

    /// Whether packs that somebody else wrote may be named from now on.
    fileprivate var isNaming: Bool {
        if case .condemn(let condemnation) = self {
            !condemnation.replacements.isEmpty
        } else {
            false
        }
    }
}

extension LogView {
    /// Adds the record that follows.
    mutating func add(_ stored: StoredRecord) throws(FormatError) {
        try state.apply(stored.record, number: stored.number, hash: stored.hash)
        if case .sweep(let objects) = stored.record.event {
            swept.formUnion(objects.compactMap(\.pack))
        }
        note(stored)
    }

    fileprivate mutating func note(_ stored: StoredRecord) {
        head = .init(number: stored.number, hash: stored.hash)
        hashes[stored.number] = stored.hash
        if stored.record.event.isUpheaval { lastUpheaval = stored.number }
        if stored.record.event.isNaming { lastNaming = stored.number }
    }
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

    /// Reads a log from its newest whole checkpoint to its head; `numbers`, which must not be empty,
    /// begin with a checkpoint, or with the log. `head` is the last of them where it was just read.
    func view(_ listed: [UInt64], head: StoredRecord? = nil) throws -> LogView {
        var numbers = listed
        guard let last = numbers.last else {
            throw RepositoryError.damaged(ObjectName.log, "the log is empty")
        }
        var checkpoint = LogRecord.checkpoint(upTo: last)
        while true {
            let records = try chain(from: checkpoint, to: last, numbers, head: head)
            if let start = try start(at: records[0]) {
                return try fold(records, onto: start, after: nil)
            }
            guard checkpoint >= LogRecord.checkpointInterval else {
                throw RepositoryError.damaged(ObjectName.record(0), "the log has no beginning")
            }
            checkpoint -= LogRecord.checkpointInterval
            if checkpoint < numbers[0] { numbers = try self.numbers(after: nil) }
        }
    }

    /// The records behind `view`, added to it.
    func advance(_ view: LogView, _ numbers: [UInt64]) throws -> LogView {
        guard let last = numbers.last, last > view.head.number else { return view }
        let records = try chain(from: view.head.number, to: last, [view.head.number] + numbers)
        if records[0].number > view.head.number, let start = try start(at: records[0]) {
            return try fold(records, onto: start, after: view)
        }
        guard records[0].hash == view.head.hash else {
            throw RepositoryError.rolledBack(
                location: storage.location, seen: view.head.number, found: last)
        }
        return try fold(records, onto: view.state, after: view)
    }

    /// The records from `first` to `last`, each the one that its successor follows; what stands
    /// before a mend is left out. The last one comes from the storage, and vouches for those before.
    private func chain(
        from first: UInt64, to last: UInt64, _ numbers: [UInt64], head: StoredRecord? = nil
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
            let known = number == head?.number ? head : nil
            let stored = try known ?? record(number, hash: expected, isVouched: true)
            expected = stored.record.previous
            records.append(stored)
            if case .mend = stored.record.event { break }
        }
        records.reverse()
        return records
    }

    /// The state after the first record, when that record says or names one that is whole.
    private func start(at first: StoredRecord) throws -> RepositoryState? {
        let state = try startingState(first)
        if let state { try checkEpoch(first, under: state.keyringObject) }
        return state
    }

    private func startingState(_ first: StoredRecord) throws -> RepositoryState? {
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
    private func fold(
        _ records: [StoredRecord], onto start: RepositoryState, after earlier: LogView?
    ) throws -> LogView {
        let first = records[0]
        var view = LogView(
            head: .init(number: first.number, hash: first.hash), state: start, hashes: [:],
            lastUpheaval: earlier?.lastUpheaval ?? 0, lastNaming: earlier?.lastNaming ?? 0,
            swept: (earlier?.swept ?? []).union(start.swept.compactMap(\.object.pack)))
        view.note(first)
        for stored in records.dropFirst() {
            try checkEpoch(stored, under: view.state.keyringObject)
            do {
                try view.add(stored)
            } catch {
                throw RepositoryError.damaged(
                    ObjectName.record(stored.number), error.description)
            }
        }
        return view
    }
}
