import TestSupport
import Testing
import VarveFormat

@testable import VarveCatalog

@Suite("candidates")
struct CandidateTests {
    private var random = SeededNumbers(3)

    private mutating func chunk(_ features: SuperFeatures, base: ChunkID? = nil) -> CatalogChunk {
        CatalogChunk(
            id: random.id(), place: random.place(isDelta: base != nil), features: features,
            base: base)
    }

    @Test("come best first, from several runs, and a delta leads to its base")
    mutating func order() throws {
        let scratch = try ScratchDirectory()
        let catalog = try Catalog(
            directory: scratch.path, repository: random.id(), shortRunChunks: 1)
        let one = chunk(SuperFeatures(1, 12, 13))
        let two = chunk(SuperFeatures(1, 2, 23))
        let delta = chunk(SuperFeatures(31, 2, 3), base: one.id)
        let other = chunk(SuperFeatures(41, 42, 43))
        let pack: PackID = random.id()
        for chunks in [[one, other, other, other], [two], [delta]] {
            var entries = SegmentEntries(segment: random.id())
            entries.beginPack(pack)
            for chunk in chunks { entries.append(chunk) }
            try catalog.add(entries)
        }
        var cursor = CatalogCursor()
        func ids(_ features: SuperFeatures) throws -> [ChunkID] {
            try catalog.candidates(features, &cursor).map(\.id)
        }
        #expect(try ids(SuperFeatures(1, 2, 99)) == [two.id, one.id])
        #expect(try ids(SuperFeatures(1, 2, 3)) == [one.id, two.id])
        #expect(try ids(SuperFeatures(1, 12, 23)) == [two.id, one.id])
        #expect(try ids(SuperFeatures(99, 12, 99)) == [one.id])
        #expect(try ids(SuperFeatures(99, 98, 97)) == [])
        #expect(try ids(SuperFeatures(31, 98, 97)) == [one.id])
        catalog.setDeadPacks([pack])
        #expect(try ids(SuperFeatures(1, 2, 3)) == [])
        catalog.setDeadPacks([])
        #expect(try ids(SuperFeatures(1, 2, 3)).count == 2)
    }

    @Test("stay few when thousands of chunks share a feature")
    mutating func commonFeature() throws {
        let scratch = try ScratchDirectory()
        let catalog = try Catalog(directory: scratch.path, repository: random.id())
        for _ in 0..<3 {
            var entries = SegmentEntries(segment: random.id())
            entries.beginPack(random.id())
            for _ in 0..<2000 { entries.append(chunk(SuperFeatures(5, 6, 7))) }
            try catalog.add(entries)
        }
        var cursor = CatalogCursor()
        #expect(try catalog.candidates(SuperFeatures(5, 6, 7), &cursor).count == 3)
        #expect(catalog.statistics.entries == 6000)
    }

    @Test("are none where a delta's base is not known")
    mutating func unknownBase() throws {
        let scratch = try ScratchDirectory()
        let catalog = try Catalog(directory: scratch.path, repository: random.id())
        var entries = SegmentEntries(segment: random.id())
        entries.beginPack(random.id())
        entries.append(chunk(SuperFeatures(1, 2, 3), base: random.id()))
        try catalog.add(entries)
        var cursor = CatalogCursor()
        #expect(try catalog.candidates(SuperFeatures(1, 2, 3), &cursor) == [])
    }
}
