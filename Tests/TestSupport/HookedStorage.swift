import Synchronization
public import VarveStorage
public import VarveSystem

/// Runs something of a test's right before the first call that begins like a given one, and so
/// decides how two writers meet.
public final class HookedStorage: Storage {
    private let base: any Storage
    private let call: String
    private let hook: Mutex<(@Sendable () -> Void)?>
    /// Calls that begin like the given one, and have yet to pass before the hook runs.
    private let ahead: Mutex<Int>

    /// Calls are named as `FaultyStorage` names them, "put packs/data/00/..." for one; `count` of them
    /// pass before.
    public init(
        _ base: any Storage, before call: String, after count: Int = 0,
        _ hook: @escaping @Sendable () -> Void
    ) {
        self.base = base
        self.call = call
        self.hook = Mutex(hook)
        ahead = Mutex(count)
    }

    /// Whether the hook is still to run.
    public var isWaiting: Bool { hook.withLock { $0 != nil } }

    /// Runs the hook unless it has run, which is answered.
    @discardableResult
    public func run() -> Bool {
        let hook = hook.withLock { hook in
            defer { hook = nil }
            return hook
        }
        hook?()
        return hook != nil
    }

    private func pass(_ call: String) {
        guard call.hasPrefix(self.call), hasCome else { return }
        run()
    }

    private var hasCome: Bool {
        ahead.withLock { ahead in
            ahead -= 1
            return ahead < 0
        }
    }

    public var location: String { base.location }
    public var connections: Int { base.connections }

    public var keeps: Copies { base.keeps }

    public func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        pass("get \(name)")
        return try base.get(name, limit: limit, copy: copy)
    }

    public func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        pass("read \(name)")
        try base.read(name, at: offset, into: buffer)
    }

    public func size(of name: String) throws(StorageError) -> Int {
        pass("size \(name)")
        return try base.size(of: name)
    }

    public func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        pass("put \(name)")
        try base.put(name, bytes, copies: copies)
    }

    public func put(
        _ name: String, contentsOf file: borrowing File, bytes: Int
    ) throws(StorageError) {
        pass("put \(name)")
        try base.put(name, contentsOf: file, bytes: bytes)
    }

    public func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        pass("replace \(name)")
        try base.replace(copy, of: name, by: bytes)
    }

    public func create(
        _ name: String, _ bytes: [UInt8], copies: Copies
    ) throws(StorageError) -> Bool {
        pass("create \(name)")
        return try base.create(name, bytes, copies: copies)
    }

    public func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        pass("list \(prefix)")
        return try base.list(prefix, after: after)
    }

    public func settle(_ prefix: String) throws(StorageError) { try base.settle(prefix) }

    public func remove(_ name: String) throws(StorageError) {
        pass("remove \(name)")
        try base.remove(name)
    }

    public func stage() throws(StorageError) -> any StagedObject { try base.stage() }
}
