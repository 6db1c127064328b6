public import VarveSystem

/// Reads from another storage, and forgets every change: for work that is only tried.
///
/// Unlike the contract of `Storage` says, what was put is not found afterwards.
public final class DryStorage: Storage {
    /// What is read.
    public let storage: any Storage

    public init(_ storage: any Storage) { self.storage = storage }

    public var location: String { storage.location }
    public var connections: Int { storage.connections }
    public var unkept: any Storage { DryStorage(storage.unkept) }

    public var keeps: Copies { storage.keeps }

    public func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        try storage.get(name, limit: limit, copy: copy)
    }

    public func get(_ name: String, limit: Int, digest: [UInt8]) throws(StorageError) -> [UInt8] {
        try storage.get(name, limit: limit, digest: digest)
    }

    public func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try storage.read(name, at: offset, into: buffer)
    }

    public func size(of name: String) throws(StorageError) -> Int { try storage.size(of: name) }

    public func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try storage.list(prefix, after: after)
    }

    public func settle(_ prefix: String) throws(StorageError) { try storage.settle(prefix) }

    public func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try StorageName.check(name)
    }

    public func put(
        _ name: String, contentsOf file: borrowing File, bytes: Int
    ) throws(StorageError) {
        try StorageName.check(name)
    }

    public func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try StorageName.check(name)
    }

    public func create(
        _ name: String, _ bytes: [UInt8], copies: Copies
    ) throws(StorageError) -> Bool {
        try StorageName.check(name)
        return true
    }

    public func remove(_ name: String) throws(StorageError) { try StorageName.check(name) }

    /// Grows in memory, so that it can be read until it is published.
    public func stage() throws(StorageError) -> any StagedObject { try MemoryStorage().stage() }
}
