import TestSupport
import Testing
import VarveFormat

@testable import VarveCatalog

@Suite("a catalog and a dictionary")
struct CatalogModelTests {
    @Test("give the same answers, whatever happens", arguments: 1...8)
    func sameAnswers(seed: Int) throws {
        let scratch = try ScratchDirectory()
        var run = try Rehearsal(seed: UInt64(seed), directory: scratch.path + "/catalog")
        for _ in 0..<30 {
            try run.step()
            try run.compare()
        }
    }
}

/// Random changes of a catalog, each told to a model, too.
private struct Rehearsal: ~Copyable {
    private let directory: String
    private let repository: RepositoryID
    private var random: SeededNumbers
    private var catalog: Catalog
    private var model = CatalogModel()
    private var packs: [(PackID, [CatalogChunk])] = []
    private var ids: [ChunkID] = []
    private var cursor = CatalogCursor()

    init(seed: UInt64, directory: String) throws {
        random = SeededNumbers(seed)
        self.directory = directory
        repository = random.id()
        catalog = try Catalog(directory: directory, repository: repository, shortRunChunks: 4)
    }

    mutating func step() throws {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: try reopen()
        case 1:
            model.deadPacks = Set(packs.map(\.0).filter { _ in random.next() % 4 == 0 })
            catalog.setDeadPacks(model.deadPacks)
        case 2: try addBehindALock()
        case 3: try addFromAnotherProcess()
        case 4 where random.next() % 4 == 0:
            catalog.dropAll()
            model.forgetAll()
        case 5:
            // A segment that the catalog has dropped is its owner's to add again. Sorted, since
            // the order of a set is another in each process, whatever the seed.
            let kept = Set(
                model.segments.intersection(catalog.segments).sorted()
                    .filter { _ in random.next() % 8 != 0 })
            model.liveSegments = kept
            catalog.keepOnly(segments: kept)
        default: try catalog.add(newSegment())
        }
    }

    private mutating func reopen() throws {
        catalog = try Catalog(directory: directory, repository: repository, shortRunChunks: 4)
        // What lay in a private run alone is gone; its owner would add it again.
        if catalog.segments != model.segments {
            model.forgetAll()
            catalog.dropAll()
        }
        model.liveSegments = nil
        catalog.setDeadPacks(model.deadPacks)
    }

    private mutating func addBehindALock() throws {
        let lock = try HeldLock(directory)
        for _ in 0..<3 { try catalog.add(newSegment()) }
        lock.release()
    }

    private mutating func addFromAnotherProcess() throws {
        let other = try Catalog(directory: directory, repository: repository, shortRunChunks: 4)
        try other.add(newSegment())
        // Only a change makes this one look at the directory again.
        try catalog.add(newSegment())
        if let segments = model.liveSegments { catalog.keepOnly(segments: segments) }
    }

    private mutating func newSegment() -> SegmentEntries {
        var segment: [(PackID, [CatalogChunk])] = []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            if let old = packs.randomElement(using: &random), random.next() % 6 == 0 {
                segment.append(old)
                continue
            }
            let count = Int.random(in: 0...(random.next() % 4 == 0 ? 400 : 20), using: &random)
            let chunks = (0..<count).map { _ in
                var id: ChunkID = random.id()
                if let old = ids.randomElement(using: &random), random.next() % 5 == 0 { id = old }
                let isDelta = random.next() % 3 == 0
                return CatalogChunk(
                    id: id, place: random.place(isDelta: isDelta),
                    base: isDelta ? random.id() : nil)
            }
            segment.append((random.id(), chunks))
        }
        packs += segment
        ids += segment.flatMap { $0.1.map(\.id) }
        return model.add(random.id(), segment)
    }

    mutating func compare() throws {
        let segments = model.segments.intersection(model.liveSegments ?? model.segments)
        #expect(catalog.segments.isSuperset(of: segments))
        #expect(catalog.statistics.runs <= 8)
        for id in Set(model.places.keys).union(ids) {
            let expected = model.livePlaces(id)
            let found = try catalog.places(id, &cursor).map { catalog.named($0) }
            try #require(Set(found) == expected && found.count == expected.count)
            let first = try catalog.lookup(id, &cursor).map { catalog.named($0) }
            try #require(first.map { expected.contains($0) } ?? expected.isEmpty)
            let full = try catalog.lookup(id, fullOnly: true, &cursor).map { catalog.named($0) }
            let isRight = full.map { expected.contains($0) && !$0.isDelta }
            try #require(isRight ?? expected.allSatisfy(\.isDelta))
        }
        for _ in 0..<50 { try #require(try catalog.lookup(random.id(), &cursor) == nil) }
        var copies: [ChunkID: [NamedPlace]] = [:]
        var last: UInt64 = 0
        try catalog.forEachChunkWithCopies { id, places in
            try #require(id.prefix >= last && copies[id] == nil)
            last = id.prefix
            copies[id] = places.map { catalog.named($0) }
        }
        let live = model.places.keys.filter { !model.livePlaces($0).isEmpty }
        try #require(Set(copies.keys) == Set(live))
        for id in live { try #require(Set(copies[id] ?? []) == model.livePlaces(id)) }
        try #require(copies.allSatisfy { Set($0.value).count == $0.value.count })
    }
}
