import Synchronization
public import VarveSystem

/// Fails chosen calls to another storage, and counts them; for tests.
public final class FaultyStorage: Storage {
    /// Which calls fail, counted from 1.
    public enum Fault: Sendable {
        case none
        case once(at: Int)
        case from(Int)
    }

    /// Whether a failing call still takes effect, as when only the answer is lost.
    public enum Moment: Sendable { case before, after }

    private struct State {
        var fault: Fault
        var moment: Moment
        var error: StorageError
        var calls = 0
        var faults = 0
        var history: [String] = []
    }

    private let base: any Storage
    private let state: Mutex<State>

    public init(
        _ base: any Storage, _ fault: Fault = .none, moment: Moment = .before,
        error: StorageError = StorageError(.failed, "a test", "made to fail")
    ) {
        self.base = base
        state = Mutex(State(fault: fault, moment: moment, error: error))
    }

    /// Calls made so far, those on staged objects included.
    public var calls: Int { state.withLock { $0.calls } }
    /// Calls that were made to fail so far.
    public var faults: Int { state.withLock { $0.faults } }
    /// Every call so far, as "put packs/data/00/...".
    public var history: [String] { state.withLock { $0.history } }

    /// Starts counting anew, with another fault.
    public func reset(_ fault: Fault = .none, moment: Moment = .before) {
        state.withLock {
            $0.fault = fault
            $0.moment = moment
            $0.calls = 0
            $0.faults = 0
            $0.history = []
        }
    }

    /// Counts one call and fails it when its turn has come.
    func pass<Answer>(
        _ call: String, _ body: () throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer {
        let (isFaulty, moment, error) = state.withLock { state in
            state.calls += 1
            state.history.append(call)
            let isFaulty =
                switch state.fault {
                case .none: false
                case .once(let number): state.calls == number
                case .from(let number): state.calls >= number
                }
            if isFaulty { state.faults += 1 }
            return (isFaulty, state.moment, state.error)
        }
        if isFaulty && moment == .before { throw error }
        let answer = try body()
        if isFaulty { throw error }
        return answer
    }

    public var location: String { base.location }
    public var connections: Int { base.connections }

    public var keeps: Copies { base.keeps }

    public func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        try pass("get \(name)") { () throws(StorageError) in
            try base.get(name, limit: limit, copy: copy)
        }
    }

    public func get(_ name: String, limit: Int, digest: [UInt8]) throws(StorageError) -> [UInt8] {
        try pass("get \(name)") { () throws(StorageError) in
            try base.get(name, limit: limit, digest: digest)
        }
    }

    public func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try pass("read \(name)") { () throws(StorageError) in
            try base.read(name, at: offset, into: buffer)
        }
    }

    public func size(of name: String) throws(StorageError) -> Int {
        try pass("size \(name)") { () throws(StorageError) in try base.size(of: name) }
    }

    public func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try pass("put \(name)") { () throws(StorageError) in
            try base.put(name, bytes, copies: copies)
        }
    }

    public func put(
        _ name: String, contentsOf file: borrowing File, bytes: Int
    ) throws(StorageError) {
        try pass("put \(name)") { () throws(StorageError) in
            try base.put(name, contentsOf: file, bytes: bytes)
        }
    }

    public func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try pass("replace \(name)") { () throws(StorageError) in
            try base.replace(copy, of: name, by: bytes)
        }
    }

    public func create(
        _ name: String, _ bytes: [UInt8], copies: Copies
    ) throws(StorageError) -> Bool {
        try pass("create \(name)") { () throws(StorageError) in
            try base.create(name, bytes, copies: copies)
        }
    }

    public func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try pass("list \(prefix)") { () throws(StorageError) in
            try base.list(prefix, after: after)
        }
    }

    public func times(of names: [String]) throws(StorageError) -> [String: Int64] {
        try pass("times") { () throws(StorageError) in try base.times(of: names) }
    }

    public func settle(_ prefix: String) throws(StorageError) {
        try pass("settle \(prefix)") { () throws(StorageError) in try base.settle(prefix) }
    }

    public func remove(_ name: String) throws(StorageError) {
        try pass("remove \(name)") { () throws(StorageError) in try base.remove(name) }
    }

    public func stage() throws(StorageError) -> any StagedObject {
        try pass("stage") { () throws(StorageError) in
            FaultyStagedObject(try base.stage(), in: self)
        }
    }
}

/// Passes calls on through the faults of its storage.
private final class FaultyStagedObject: StagedObject {
    private let base: any StagedObject
    private let storage: FaultyStorage

    init(_ base: any StagedObject, in storage: FaultyStorage) {
        self.base = base
        self.storage = storage
    }

    var byteCount: Int { base.byteCount }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        try storage.pass("append") { () throws(StorageError) in try base.append(bytes) }
    }

    func read(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try storage.pass("read staged") { () throws(StorageError) in
            try base.read(at: offset, into: buffer)
        }
    }

    func publish(as name: String) throws(StorageError) {
        do throws(StorageError) {
            try storage.pass("publish \(name)") { () throws(StorageError) in
                try base.publish(as: name)
            }
        } catch {
            // Whatever comes of it, a staged object has ended.
            base.discard()
            throw error
        }
    }

    func discard() { base.discard() }
}
