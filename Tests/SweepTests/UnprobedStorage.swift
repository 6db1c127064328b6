import VarveStorage
import VarveSystem

/// A storage that is not probed: what lies under `probe/` stays in memory, since some servers take
/// seconds to let many create one name.
struct UnprobedStorage: Storage {
    private let base: any Storage
    private let probed = MemoryStorage()

    init(_ base: any Storage) { self.base = base }

    private func storage(of name: String) -> any Storage {
        name.hasPrefix("probe/") ? probed : base
    }

    var location: String { base.location }
    var connections: Int { base.connections }
    var keeps: Copies { base.keeps }

    func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        try storage(of: name).get(name, limit: limit, copy: copy)
    }

    func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try storage(of: name).read(name, at: offset, into: buffer)
    }

    func size(of name: String) throws(StorageError) -> Int { try storage(of: name).size(of: name) }

    func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try storage(of: name).put(name, bytes, copies: copies)
    }

    func put(
        _ name: String, contentsOf file: borrowing File, bytes: Int
    ) throws(StorageError) {
        try base.put(name, contentsOf: file, bytes: bytes)
    }

    func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try base.replace(copy, of: name, by: bytes)
    }

    func create(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) -> Bool {
        try storage(of: name).create(name, bytes, copies: copies)
    }

    func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try storage(of: prefix).list(prefix, after: after)
    }

    func times(of names: [String]) throws(StorageError) -> [String: Int64] {
        try base.times(of: names)
    }

    func remove(_ name: String) throws(StorageError) { try storage(of: name).remove(name) }

    func stage() throws(StorageError) -> any StagedObject { try base.stage() }
}
