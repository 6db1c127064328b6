import VarveStorage

/// A storage with room for records and little else: no pack can be begun, and it is not told the time.
final class FullStorage: Storage {
    private let base: any Storage

    init(_ base: any Storage) { self.base = base }

    var location: String { base.location }

    func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        try base.get(name, limit: limit, copy: copy)
    }

    func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try base.read(name, at: offset, into: buffer)
    }

    func size(of name: String) throws(StorageError) -> Int { try base.size(of: name) }

    func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        guard !name.hasPrefix("probe/") else {
            throw StorageError(.noSpace, name, "there is no room")
        }
        try base.put(name, bytes, copies: copies)
    }

    func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try base.replace(copy, of: name, by: bytes)
    }

    func create(
        _ name: String, _ bytes: [UInt8], copies: Copies
    ) throws(StorageError) -> Bool {
        try base.create(name, bytes, copies: copies)
    }

    func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try base.list(prefix, after: after)
    }

    func remove(_ name: String) throws(StorageError) { try base.remove(name) }

    func stage() throws(StorageError) -> any StagedObject {
        throw StorageError(.noSpace, "a pack", "there is no room")
    }
}
