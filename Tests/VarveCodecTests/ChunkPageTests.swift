import Testing
import VarveCodec

@Suite struct ChunkPageTests {
    @Test("an SQLite file is known by its first 16 bytes")
    func recognition() {
        let magic = Array("SQLite format 3\0".utf8)
        #expect(isPageStructured(magic))
        #expect(isPageStructured(magic + [1, 2, 3]))
        #expect(!isPageStructured(Array(magic.dropLast())))
        #expect(!isPageStructured([]))
        #expect(!isPageStructured(Array("SQLite format 2\0".utf8)))
    }

    private func isPageStructured(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { PageChunker.isPageStructured(prefix: $0) }
    }

    @Test("cuts lie at multiples of 64 KiB and at the end")
    func cuts() {
        #expect(PageChunker.cut(after: 0, end: 200_000) == 65_536)
        #expect(PageChunker.cut(after: 65_535, end: 200_000) == 65_536)
        #expect(PageChunker.cut(after: 65_536, end: 200_000) == 131_072)
        #expect(PageChunker.cut(after: 196_608, end: 200_000) == 200_000)
        #expect(PageChunker.cut(after: 0, end: 65_536) == 65_536)
    }
}
