import Synchronization
public import VarveStorage
public import VarveSystem

/// A storage far away: each call is a request, which takes its time and is counted by its kind.
///
/// A listing is one request for each 1,000 names, and an object grows on this machine.
public final class FarStorage: Storage {
    private let base: any Storage
    private let staging: String
    private let delay: Int64
    public let connections: Int

    private struct Calls {
        var history: [String] = []
        var running = 0
        var runningMax = 0
    }
    private let calls = Mutex(Calls())

    /// Each request takes `delay` nanoseconds more; packs grow in the directory `staging`.
    public init(
        _ base: any Storage, staging: String, connections: Int = 8, delay: Int64 = 0
    ) {
        (self.base, self.staging) = (base, staging)
        (self.connections, self.delay) = (connections, delay)
    }

    /// All requests so far, as "get log/...".
    public var history: [String] { calls.withLock { $0.history } }

    /// The requests so far, each kind as often as it was made: "get log/" for one.
    public var counts: [String: Int] {
        Dictionary(grouping: history) { call in
            String(call[...(call.lastIndex(of: "/") ?? call.index(before: call.endIndex))])
        }.mapValues(\.count)
    }

    /// The most requests that were under way at once.
    public var runningMax: Int { calls.withLock { $0.runningMax } }

    /// Begins to count anew.
    public func reset() { calls.withLock { $0 = Calls() } }

    private func request<Answer>(
        _ call: String, _ body: () throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer {
        calls.withLock { calls in
            calls.history.append(call)
            calls.running += 1
            calls.runningMax = max(calls.runningMax, calls.running)
        }
        defer { calls.withLock { $0.running -= 1 } }
        if delay > 0 { Clock.sleep(nanoseconds: delay) }
        return try body()
    }

    public var location: String { base.location }
    public var keeps: Copies { base.keeps }

    public func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        try request("get \(name)") { () throws(StorageError) in
            try base.get(name, limit: limit, copy: copy)
        }
    }

    public func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try request("read \(name)") { () throws(StorageError) in
            try base.read(name, at: offset, into: buffer)
        }
    }

    public func size(of name: String) throws(StorageError) -> Int {
        try request("size \(name)") { () throws(StorageError) in try base.size(of: name) }
    }

    public func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try request("put \(name)") { () throws(StorageError) in
            try base.put(name, bytes, copies: copies)
        }
    }

    public func put(
        _ name: String, contentsOf file: borrowing File, bytes: Int
    ) throws(StorageError) {
        try request("put \(name)") { () throws(StorageError) in
            try base.put(name, contentsOf: file, bytes: bytes)
        }
    }

    public func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try request("replace \(name)") { () throws(StorageError) in
            try base.replace(copy, of: name, by: bytes)
        }
    }

    public func create(
        _ name: String, _ bytes: [UInt8], copies: Copies
    ) throws(StorageError) -> Bool {
        try request("create \(name)") { () throws(StorageError) in
            try base.create(name, bytes, copies: copies)
        }
    }

    public func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        let found = try request("list \(prefix)") { () throws(StorageError) in
            try base.list(prefix, after: after)
        }
        for _ in stride(from: 1000, to: found.count, by: 1000) {
            try request("list \(prefix)") { () throws(StorageError) in }
        }
        return found
    }

    public func remove(_ name: String) throws(StorageError) {
        try request("remove \(name)") { () throws(StorageError) in try base.remove(name) }
    }

    public func stage() throws(StorageError) -> any StagedObject {
        try StagedUpload(in: staging, to: self)
    }
}
