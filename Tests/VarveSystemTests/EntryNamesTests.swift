import Testing
import VarveSystem

@Suite("The names in a directory")
struct EntryNamesTests {
    @Test("are in order, and each is there once, however often it was listed")
    func once() {
        let names = EntryNames(["b", "a", "ab", "b", "a", "b"].map { Array($0.utf8) })
        let found = (0..<names.count).map { String(decoding: names[$0], as: UTF8.self) }
        #expect(found == ["a", "ab", "b"])
        #expect(names.contains("ab".utf8) && !names.contains("c".utf8))
    }
}
