import Testing
import VarveStorage

@Suite("A memory storage")
struct MemoryStorageTests {
    @Test("stamps objects by a clock that a test can set")
    func clock() throws {
        let storage = MemoryStorage()
        storage.setClock(5)
        try storage.put("a", [1])
        storage.setClock(7)
        storage.overwrite("b", [2])
        #expect(try storage.list("").map(\.modified) == [5, 7])
    }

    @Test("can be copied whole, and the copies go their own ways")
    func duplicate() throws {
        let storage = MemoryStorage(contents: ["a": [1], "a.copy": [1], "b.copy": [2]])
        let other = storage.duplicate()
        storage.removeQuietly("a")
        #expect(try other.list("").map(\.name) == ["a", "b"])
        #expect(other.contents == ["a": [1], "a.copy": [1], "b.copy": [2]])
        #expect(storage.contents.keys.sorted() == ["a.copy", "b.copy"])
    }
}
