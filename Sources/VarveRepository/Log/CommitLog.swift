import Synchronization
import VarveCodec
import VarveFormat
import VarveStorage
import VarveSystem

/// The ordered, create-only record of what became visible or went away.
final class CommitLog: Sendable {
    private let reader: RecordReader
    private let memory: HeadMemory
    private let current: Mutex<LogView>
    /// When its numbers were last listed, by the monotonic clock.
    private let listed: Mutex<Int64>

    /// How often an append may lose its number to another writer.
    private static let attemptsMax = 1_000
    /// How often a create without an answer is sent again.
    private static let resendsMax = 3

    private var storage: any Storage { reader.storage }
    private var keys: OpenKeys { reader.keys }

    /// Reads the log to its head; `seen` was remembered before `numbers` were listed, so that what
    /// another process appends and remembers in between is not missed in them. `head` is the last of
    /// them where it was just read.
    init(
        _ reader: RecordReader, _ memory: HeadMemory, seen: HeadMemory.Head?, numbers: [UInt64],
        head: StoredRecord? = nil
    ) throws {
        self.reader = reader
        self.memory = memory
        let began = Clock.monotonicNanoseconds()
        let view = try reader.view(numbers, head: head)
        current = Mutex(view)
        listed = Mutex(began)
        try check(seen, view, numbers)
        try keys.load(view.state.keyringObject)
        keys.enforce(view.state.keyringObject)
        remember(view)
    }

    /// The log as of the last reading.
    var view: LogView { current.withLock { $0 } }
    var state: RepositoryState { current.withLock { $0.state } }

    /// What is wrong with the part of the log that an opening reads.
    func check(mend: CopyCheck.Mend? = nil) throws -> [CheckFinding] {
        try reader.check(downFrom: view.head, mend: mend)
    }

    /// The states that an opening may begin with; nil when that cannot be told.
    func statesInUse() throws -> Set<StateID>? {
        try reader.statesInUse(downFrom: view.head)
    }

    /// How long ago it was read to its head, in nanoseconds.
    var age: Int64 { Clock.monotonicNanoseconds() - listed.withLock { $0 } }

    /// Reads what others appended since.
    func refresh() throws {
        let began = Clock.monotonicNanoseconds()
        let view = view
        let numbers = try reader.numbers(after: view.head.number)
        try adopt(try reader.advance(view, numbers))
        listed.withLock { $0 = began }
    }

    /// Goes on from `view`, and seals with the keyring that it says is in force.
    private func adopt(_ view: LogView, isOwn: Bool = false) throws {
        try keys.load(view.state.keyringObject)
        current.withLock { current in
            guard view.head.number > current.head.number else { return }
            current = view
            keys.enforce(view.state.keyringObject)
        }
        remember(view, isOwn: isOwn)
    }

    /// `isOwn` when this process has created the head, which is durable then.
    private func remember(_ view: LogView, isOwn: Bool = false) {
        memory.save(view.head) { if !isOwn { try storage.settle(ObjectName.log) } }
    }

    /// What this client saw before must still be there.
    private func check(
        _ seen: HeadMemory.Head?, _ view: LogView, _ numbers: [UInt64]
    ) throws {
        guard let seen else { return }
        let rolledBack = RepositoryError.rolledBack(
            location: storage.location, seen: seen.number, found: view.head.number)
        guard seen.number <= view.head.number else { throw rolledBack }
        if let hash = view.hashes[seen.number] {
            guard seen.hash == hash else { throw rolledBack }
            return
        }
        guard numbers.contains(seen.number) else { return }
        do {
            _ = try reader.record(seen.number, hash: seen.hash)
        } catch RepositoryError.damaged {
            guard try isMended(seen.number, numbers) else { throw rolledBack }
        }
    }

    /// Whether a later mend says that the record was lost.
    private func isMended(_ number: UInt64, _ numbers: [UInt64]) throws -> Bool {
        for later in numbers.reversed() where later > number {
            do {
                guard case .mend(let mend) = try reader.record(later).record.event else { continue }
                if mend.numbers.contains(number) { return true }
            } catch RepositoryError.damaged {
                continue
            }
        }
        return false
    }

    /// Appends the event that `event` makes of the log before it, and returns its number; nil when it
    /// makes none: then nothing is appended, but for a checkpoint that is due.
    ///
    /// `event` is called again whenever another writer was first.
    @discardableResult
    func append(_ event: (LogView) throws -> LogEvent?) throws -> UInt64? {
        for _ in 0..<Self.attemptsMax {
            try refresh()
            let view = view
            // Behind a head that is gone, or another one, a record would only break the log.
            _ = try reader.record(view.head.number, hash: view.head.hash)
            let number = view.head.number + 1
            guard !LogRecord.isCheckpoint(number) else {
                _ = try attempt(number, view, try checkpoint(number, view))
                continue
            }
            guard let made = try event(view) else { return nil }
            if try attempt(number, view, made) { return number }
        }
        throw RepositoryError.refused(
            reason: "other writers were first \(Self.attemptsMax) times in a row; try again later")
    }

    /// Creates one record; false when another one has the number.
    private func attempt(
        _ number: UInt64, _ view: LogView, _ event: LogEvent
    ) throws -> Bool {
        let record = LogRecord(
            nonce: randomBytes(LogRecord.nonceBytes), previous: view.head.hash,
            clock: Clock.wallNanoseconds(), event: event)
        guard record.fits else {
            throw RepositoryError.refused(reason: "a log record would be too long")
        }
        var sealer = try UnitSealer(keys.sealing)
        let bytes = try sealer.seal(
            .record, body: record.encoded,
            place: LogPlace(repository: reader.repository, number: number))
        let isMade = try send(number, bytes)
        do {
            // What stands there now decides.
            guard try reader.record(number).record.nonce == record.nonce else { return false }
        } catch RepositoryError.storage where isMade {
            // The storage made it and only cannot show it now: an error would deny a commit.
        }
        var next = view
        try next.add(
            StoredRecord(
                number: number, hash: try RecordHash(digestOf: bytes), record: record,
                epoch: try UnitHeader(startOf: bytes).epoch))
        try adopt(next, isOwn: true)
        return true
    }

    /// Sends until something stands at the number; true when the storage said that it was this.
    private func send(_ number: UInt64, _ bytes: [UInt8]) throws -> Bool {
        let name = ObjectName.record(number)
        for attempt in 1...Self.resendsMax {
            do throws(StorageError) {
                return try storage.create(name, bytes, copies: .two)
            } catch {
                if error.kind == .unsynced {
                    // Found or not, a record that a power cut may take back is no commit.
                    var unsure = error
                    unsure.reason += "; the log record may or may not exist"
                    throw RepositoryError.storage(unsure)
                }
                guard try reader.numbers(after: number - 1).isEmpty else { return false }
                guard error.transient, attempt < Self.resendsMax else {
                    throw RepositoryError.storage(error)
                }
            }
        }
        return false
    }

    /// Stores the state and says so; without room for it only its hash is said.
    private func checkpoint(_ number: UInt64, _ view: LogView) throws -> LogEvent {
        let body = view.state.encoded
        var sealer = try UnitSealer(keys.sealing)
        let bytes = try sealer.seal(
            .state, body: body, place: LogPlace(repository: reader.repository, number: number))
        var id: StateID? = try StateID(digestOf: bytes)
        do throws(StorageError) {
            if let id { try storage.put(ObjectName.state(id), bytes) }
        } catch {
            guard error.kind == .noSpace else { throw RepositoryError.storage(error) }
            id = nil
        }
        return .checkpoint(
            Checkpoint(
                previous: view.state.lastCheckpoint, stateHash: try StateBodyHash(digestOf: body),
                state: id))
    }
}
