import Testing
import VarveStorage
import VarveSystem

@Suite("A faulty storage")
struct FaultyStorageTests {
    @Test("fails the chosen call once")
    func once() throws {
        let storage = FaultyStorage(MemoryStorage(), .once(at: 2))
        try storage.put("a", [1])
        #expect(kindThrown { try storage.put("b", [1]) } == .failed)
        try storage.put("c", [1])
        #expect(try storage.list("").map(\.name) == ["a", "c"])
        #expect(storage.calls == 4 && storage.faults == 1)
        #expect(storage.history == ["put a", "put b", "put c", "list "])
    }

    @Test("fails from a call on, staged objects included")
    func from() throws {
        let full = StorageError(.noSpace, "x", "full")
        let storage = FaultyStorage(MemoryStorage(), .from(2), error: full)
        let staged = try storage.stage()
        #expect(kindThrown { try staged.append([1]) } == .noSpace)
        #expect(kindThrown { try staged.publish(as: "a") } == .noSpace)
        #expect(kindThrown { _ = try storage.list("") } == .noSpace)
        storage.reset()
        #expect(try storage.list("") == [])
    }

    @Test("loses the answer of a call that took effect")
    func after() throws {
        let storage = FaultyStorage(MemoryStorage(), .once(at: 1), moment: .after)
        #expect(kindThrown { _ = try storage.create("log/1", [1]) } == .failed)
        #expect(try !storage.create("log/1", [2]))
        #expect(try storage.get("log/1", limit: 1) == [1])
    }
}
