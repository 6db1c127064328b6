import Synchronization
import VarveStorage

/// Counts how often objects of the log are read.
final class CountedStorage: Storage {
    private let base: MemoryStorage
    private let count = Atomic<Int>(0)

    init(_ base: MemoryStorage) { self.base = base }

    /// Records and states that were read since the last call.
    func takeCount() -> Int { count.exchange(0, ordering: .relaxed) }

    var location: String { base.location }

    func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        if name.hasPrefix("log/") || name.hasPrefix("state/") { count.add(1, ordering: .relaxed) }
        return try base.get(name, limit: limit, copy: copy)
    }

    func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try base.read(name, at: offset, into: buffer)
    }

    func size(of name: String) throws(StorageError) -> Int { try base.size(of: name) }

    func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try base.put(name, bytes, copies: copies)
    }

    func create(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) -> Bool {
        try base.create(name, bytes, copies: copies)
    }

    func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try base.list(prefix, after: after)
    }

    func times(of names: [String]) throws(StorageError) -> [String: Int64] {
        try base.times(of: names)
    }

    func remove(_ name: String) throws(StorageError) { try base.remove(name) }

    func stage() throws(StorageError) -> any StagedObject { try base.stage() }
}
