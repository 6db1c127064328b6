import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveSystem

@testable import VarveCatalog

@Suite("a catalog's directory")
struct CatalogSharingTests {
    private var random = SeededNumbers(5)

    private mutating func segment(_ ids: [ChunkID]) -> SegmentEntries {
        var entries = SegmentEntries(segment: random.id())
        entries.beginPack(random.id())
        for id in ids { entries.append(CatalogChunk(id: id, place: random.place())) }
        return entries
    }

    private mutating func ids(_ count: Int) -> [ChunkID] { (0..<count).map { _ in random.id() } }

    @Test("may be used by two processes, and what each adds reaches the other")
    mutating func twoProcesses() throws {
        let scratch = try ScratchDirectory()
        let repository: RepositoryID = random.id()
        let one = try Catalog(directory: scratch.path, repository: repository)
        let two = try Catalog(directory: scratch.path, repository: repository)
        let chunks = ids(4)
        try one.add(segment([chunks[0]]))
        try two.add(segment([chunks[1]]))
        let lock = try HeldLock(scratch.path)
        try one.add(segment([chunks[2]]))
        lock.release()
        try one.add(segment([chunks[3]]))
        var cursor = CatalogCursor()
        for id in chunks { #expect(try one.lookup(id, &cursor) != nil) }
        let three = try Catalog(directory: scratch.path, repository: repository)
        for id in chunks { #expect(try three.lookup(id, &cursor) != nil) }
        #expect(three.segments.count == 4)
    }

    @Test("does not grow with segments that are gone, nor loses those that others add")
    mutating func goneSegments() throws {
        let scratch = try ScratchDirectory()
        let repository: RepositoryID = random.id()
        let catalog = try Catalog(
            directory: scratch.path + "/c", repository: repository, shortRunChunks: 8)
        var live: [SegmentID] = []
        var cursor = CatalogCursor()
        for _ in 0..<200 {
            var entries = SegmentEntries(segment: random.id())
            live.append(entries.segment)
            entries.beginPack(random.id())
            let chunks = ids(50)
            for id in chunks {
                entries.append(
                    CatalogChunk(id: id, place: random.place(), features: random.features()))
            }
            try catalog.add(entries)
            for id in chunks { #expect(try catalog.lookup(id, &cursor) != nil) }
            // One stays for ever, so that no run that holds it is dropped as a whole.
            live = live.prefix(1) + live.dropFirst().suffix(4)
            catalog.keepOnly(segments: Set(live))
        }
        // Five segments of 50 chunks are live, and a long run may wait for the next merge.
        #expect(catalog.statistics.entries <= 600)
        #expect(catalog.segments.count <= 12)
        let bytes = try scratch.files(in: "c").values.reduce(0) { $0 + $1.count }
        #expect(bytes < 600 * (ChunkEntry.byteCount + 3 * FeatureEntry.byteCount) + 32 << 10)

        let other = try Catalog(directory: scratch.path + "/c", repository: repository)
        let theirs: ChunkID = random.id()
        try other.add(segment([theirs]))
        for _ in 0..<3 { try catalog.add(segment(ids(1))) }
        let third = try Catalog(directory: scratch.path + "/c", repository: repository)
        #expect(try third.lookup(theirs, &cursor) != nil)
    }

    @Test("may be deleted under an open catalog, which goes on")
    mutating func deleted() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path + "/a/b"
        let repository: RepositoryID = random.id()
        let catalog = try Catalog(directory: path, repository: repository)
        let chunks = ids(2)
        try catalog.add(segment([chunks[0]]))
        removeTree(path)
        try catalog.add(segment([chunks[1]]))
        var cursor = CatalogCursor()
        for id in chunks { #expect(try catalog.lookup(id, &cursor) != nil) }
        let other = try Catalog(directory: path, repository: repository)
        for id in chunks { #expect(try other.lookup(id, &cursor) != nil) }
    }

    @Test("is replaced by a temporary one, gone with the catalog, where it cannot be made")
    mutating func cannotBeMade() throws {
        let scratch = try ScratchDirectory()
        _ = try File.createExclusively(scratch.path + "/file")
        let directory = try CatalogDirectory(scratch.path + "/file/catalog")
        #expect(directory.isTemporary)
        #expect(try File.status(of: directory.path).mode == 0o700)
        directory.removeAll()
        #expect(throws: SystemError.self) { try File.status(of: directory.path) }
        let path = scratch.path + "/file/catalog"
        let catalog = try Catalog(directory: path, repository: random.id())
        let id: ChunkID = random.id()
        try catalog.add(segment([id]))
        var cursor = CatalogCursor()
        #expect(try catalog.lookup(id, &cursor) != nil)
    }

    @Test("holds only what the manifest lists, for nobody else's eyes")
    mutating func strays() throws {
        let scratch = try ScratchDirectory()
        let repository: RepositoryID = random.id()
        let path = scratch.path + "/c"
        do {
            let catalog = try Catalog(directory: path, repository: repository)
            try catalog.add(segment(ids(10)))
            try catalog.add(segment(ids(10)))
        }
        for name in ["run-0123456789abcdef", "manifest.new"] {
            _ = try File.createExclusively(path + "/" + name)
        }
        _ = try Catalog(directory: path, repository: repository)
        let names = try scratch.files(in: "c").keys
        #expect(names.count == 3 && names.count { $0.hasPrefix("run-") } == 1)
        #expect(try File.status(of: path).mode == 0o700)
        for name in names { #expect(try File.status(of: path + "/" + name).mode == 0o600) }
    }

    @Test(
        "may lose an unfinished run to the process that tidies up, and the run is used all the same"
    )
    mutating func tidiedRun() throws {
        let scratch = try ScratchDirectory()
        let repository: RepositoryID = random.id()
        let chunks = ids(2)
        let segments = chunks.map { segment([$0]) }
        let catalog = try Catalog(directory: scratch.path, repository: repository)
        let other = try CatalogDirectory(scratch.path)
        let tidy: FaultPlan = { call, path in
            if call == .write && path.contains("/run-") { other.removeStrays(keeping: nil) }
            return nil
        }
        let lock = try HeldLock(scratch.path)
        for entries in segments {
            try FileFaults.with(under: scratch.path, tidy) { try catalog.add(entries) }
        }
        lock.release()
        var cursor = CatalogCursor()
        for id in chunks { #expect(try catalog.lookup(id, &cursor) != nil) }
    }

    @Test("survives any failing call: the next opening knows all of a segment or nothing")
    mutating func faults() throws {
        let repository: RepositoryID = random.id()
        let chunks = ids(3)
        let segments = chunks.map { segment([$0]) }
        var failing = 0
        var hasFailed = true
        while hasFailed {
            let scratch = try ScratchDirectory()
            let path = scratch.path + "/c"
            let catalog = try Catalog(directory: path, repository: repository)
            try catalog.add(segments[0])
            let calls = Atomic<Int>(0)
            let target = failing
            let plan: FaultPlan = { _, _ in
                calls.wrappingAdd(1, ordering: .relaxed).oldValue == target ? 28 : nil
            }
            FileFaults.with(under: path, plan) { try? catalog.add(segments[1]) }
            hasFailed = calls.load(ordering: .relaxed) > target
            var cursor = CatalogCursor()
            #expect(try catalog.lookup(chunks[0], &cursor) != nil)
            let other = try Catalog(directory: path, repository: repository)
            for (id, entries) in zip(chunks, segments) {
                let isKnown = try other.lookup(id, &cursor) != nil
                #expect(isKnown == other.segments.contains(entries.segment))
            }
            try catalog.add(segments[1])
            for id in chunks[..<2] { #expect(try catalog.lookup(id, &cursor) != nil) }
            failing += 1
        }
        #expect(failing > 8)
    }

    @Test("can change while four threads look things up")
    mutating func threads() throws {
        let scratch = try ScratchDirectory()
        let catalog = try Catalog(
            directory: scratch.path, repository: random.id(), shortRunChunks: 4)
        let known = ids(500)
        try catalog.add(segment(known))
        let more = (0..<20).map { _ in segment(ids(.random(in: 1...200, using: &random))) }
        let isDone = Atomic<Bool>(false)
        try WorkerThreads.run(count: 5) { thread in
            guard thread > 0 else {
                defer { isDone.store(true, ordering: .releasing) }
                for entries in more { try catalog.add(entries) }
                return
            }
            var random = SeededNumbers(UInt64(thread))
            var cursor = CatalogCursor()
            repeat {
                for id in known where random.next() % 8 == 0 {
                    guard try catalog.lookup(id, &cursor) != nil else { throw Missing() }
                    guard try catalog.lookup(random.id(), &cursor) == nil else { throw Missing() }
                }
            } while !isDone.load(ordering: .acquiring)
        }
        #expect(catalog.segments.count == 21)
    }

    private struct Missing: Error {}
}
