import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage

/// Appends records of any kind to a log, sound or not.
struct LogWriter {
    let repository: Repository
    private(set) var state: RepositoryState
    private var head: RecordHash

    /// Begins behind record 0.
    init(_ repository: Repository) throws {
        self.repository = repository
        state = repository.state
        let bytes = try repository.storage.get(ObjectName.record(0), limit: 1 << 20)
        head = try #require(RecordHash(SHA256.digest(bytes)))
    }

    /// Appends an event, and before it a checkpoint when that is due; every second one is without
    /// the state.
    mutating func append(_ event: LogEvent) throws {
        if LogRecord.isCheckpoint(state.number) {
            let names = state.number % 128 == 0
            let (id, hash) = try store(state, isKept: names)
            let checkpoint = Checkpoint(
                previous: state.lastCheckpoint, stateHash: hash, state: names ? id : nil)
            try write(.checkpoint(checkpoint)) { try $0.apply($1, number: $2, hash: $3) }
        }
        try write(event) { try $0.apply($1, number: $2, hash: $3) }
    }

    /// Appends a mend that stands for `numbers` with the state as it is.
    mutating func append(mending numbers: [UInt64], at number: UInt64) throws {
        state.number = number
        let (id, hash) = try store(state, isKept: true)
        head = .zero
        try write(.mend(Mend(state: id, stateHash: hash, numbers: numbers))) {
            state, _, number, _ in state = try RepositoryState(mended: state, at: number)
        }
    }

    func remove(_ numbers: ClosedRange<UInt64>) throws {
        for number in numbers {
            try repository.storage.remove(ObjectName.record(number))
        }
    }

    private mutating func write(
        _ event: LogEvent,
        _ apply: (inout RepositoryState, LogRecord, UInt64, RecordHash) throws -> Void
    ) throws {
        let number = state.number
        let record = LogRecord(
            nonce: [UInt8](repeating: 7, count: LogRecord.nonceBytes), previous: head, clock: -1,
            event: event)
        var sealer = try UnitSealer(repository.keys)
        let bytes = try sealer.seal(.record, body: record.encoded, place: place)
        #expect(try repository.storage.create(ObjectName.record(number), bytes, copies: .two))
        let hash = try #require(RecordHash(SHA256.digest(bytes)))
        try apply(&state, record, number, hash)
        head = hash
    }

    private var place: LogPlace { LogPlace(repository: repository.id, number: state.number) }

    private func store(
        _ state: RepositoryState, isKept: Bool
    ) throws -> (id: StateID, hash: StateBodyHash) {
        let body = state.encoded
        var sealer = try UnitSealer(repository.keys)
        let bytes = try sealer.seal(.state, body: body, place: place)
        let id = try #require(StateID(SHA256.digest(bytes)))
        if isKept { try repository.storage.put(ObjectName.state(id), bytes) }
        return (id, try #require(StateBodyHash(SHA256.digest(body))))
    }
}
