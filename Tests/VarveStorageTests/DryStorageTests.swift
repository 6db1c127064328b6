import Testing
import VarveStorage

@Suite("A dry storage")
struct DryStorageTests {
    @Test("shows what the other one holds, and forgets every change")
    func forgetting() throws {
        let storage = MemoryStorage(contents: ["keys/a": [1, 2, 3]])
        let dry = DryStorage(storage)
        #expect(dry.location == storage.location)
        #expect(try dry.get("keys/a", limit: 10) == [1, 2, 3])
        #expect(try dry.read("keys/a", at: 1, count: 2) == [2, 3])
        #expect(try dry.size(of: "keys/a") == 3)
        try dry.put("keys/a", [9], copies: .two)
        #expect(try dry.create("log/0", [9], copies: .two))
        try dry.remove("keys/a")
        let staged = try dry.stage()
        try staged.append([4, 5])
        #expect(try staged.read(at: 1, count: 1) == [5])
        try staged.publish(as: "packs/a")
        #expect(try dry.list("").map(\.name) == ["keys/a"])
        #expect(storage.contents == ["keys/a": [1, 2, 3]])
        #expect(throws: StorageError.self) { try dry.put("../a", []) }
    }
}
