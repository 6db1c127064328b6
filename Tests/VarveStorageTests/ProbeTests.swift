import Testing
import VarveStorage
import VarveSystem

@Suite("The probe of a storage")
struct ProbeTests {
    @Test("refuses a storage that lets two writers win")
    func twoWinners() throws {
        let base = MemoryStorage()
        let error = #expect(throws: StorageError.self) {
            try probeCreateOnly(CarelessStorage(base), racers: 4, rounds: 2)
        }
        #expect(error?.kind == .refused)
        #expect(error?.description.contains("4 of 4 racers") == true)
        #expect(base.contents.isEmpty)
    }

    @Test(
        "refuses a storage that shows things late, or not in parts",
        arguments: LateStorage.Lack.allCases)
    func late(_ lack: LateStorage.Lack) throws {
        let base = MemoryStorage()
        let error = #expect(throws: StorageError.self) { try probe(LateStorage(base, lack)) }
        #expect(error?.kind == .refused)
        #expect(error?.reason == lack.rawValue)
        #expect(base.contents.isEmpty)
    }

    @Test("leaves nothing behind where all is well")
    func whole() throws {
        let base = MemoryStorage()
        try probe(base)
        #expect(base.contents.isEmpty)
    }

    @Test("passes on what the storage says", arguments: 1...20)
    func faults(_ call: Int) throws {
        let base = MemoryStorage()
        let storage = FaultyStorage(base, .once(at: call))
        #expect(kindThrown { try probeCreateOnly(storage, racers: 4, rounds: 8) } == .failed)
    }
}

/// A storage that lacks one thing.
struct LateStorage: Storage {
    enum Lack: String, CaseIterable {
        case get = "it does not give back at once what was put"
        case read = "it does not give back a part of what was put"
        case list = "it does not list at once what was put"
        case remove = "it still lists what was removed"
    }

    let base: MemoryStorage
    let lack: Lack

    init(_ base: MemoryStorage, _ lack: Lack) {
        (self.base, self.lack) = (base, lack)
    }

    var location: String { "late" }

    func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        if lack == .get { throw StorageError(.missing, name, "not yet") }
        return try base.get(name, limit: limit, copy: copy)
    }
    func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try base.read(name, at: lack == .read ? 0 : offset, into: buffer)
    }
    func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        switch lack {
        case .list: return []
        case .remove where try base.list(prefix).isEmpty:
            return [StoredObject(name: prefix + "old", bytes: 1, modified: 0)]
        default: return try base.list(prefix, after: after)
        }
    }
    func size(of name: String) throws(StorageError) -> Int { try base.size(of: name) }
    func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try base.put(name, bytes, copies: copies)
    }
    func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try base.replace(copy, of: name, by: bytes)
    }
    func create(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) -> Bool {
        try base.create(name, bytes, copies: copies)
    }
    func remove(_ name: String) throws(StorageError) { try base.remove(name) }
    func stage() throws(StorageError) -> any StagedObject { try base.stage() }
}

/// A storage whose create replaces.
private struct CarelessStorage: Storage {
    let base: MemoryStorage
    init(_ base: MemoryStorage) { self.base = base }

    var location: String { "careless" }

    func create(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) -> Bool {
        base.overwrite(name, bytes)
        return true
    }

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
        try base.put(name, bytes, copies: copies)
    }
    func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try base.replace(copy, of: name, by: bytes)
    }
    func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try base.list(prefix, after: after)
    }
    func remove(_ name: String) throws(StorageError) { try base.remove(name) }
    func stage() throws(StorageError) -> any StagedObject { try base.stage() }
}
