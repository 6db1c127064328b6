import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage

@Suite("A snapshot that is only tried")
struct DryRunTests {
    @Test("counts what a real one stores, and leaves no trace in the repository")
    func counts() throws {
        let storage = MemoryStorage()
        let box = try Sandbox(storage: storage)
        let repository = try box.create()
        try box.write("a", lines(20_000, seed: 1))
        try box.write("b", noise(900_000, seed: 2))
        try box.snapshot(repository)
        try box.write("a", lines(21_000, seed: 1))
        try box.write("c", noise(700_000, seed: 3))
        let before = storage.contents
        let dry = try Repository.open(
            DryStorage(storage), secret: box.secret, directories: box.directories)
        let cache = try listing(box.path + "/cache").keys.sorted()
        let tried = try box.snapshot(dry, time: 2) { $0.isDryRun = true }
        #expect(storage.contents == before)
        #expect(try listing(box.path + "/cache").keys.sorted() == cache)
        let taken = try box.snapshot(repository, time: 2)
        #expect(tried.snapshot == nil && taken.snapshot != nil)
        #expect(tried.parent == taken.parent)
        #expect(tried.counts.filesChanged == 1 && tried.counts.filesNew == 1)
        #expect(tried.written.bytesNew == taken.written.bytesNew)
        #expect(tried.written.chunksNew == taken.written.chunksNew)
        // Which chunks share a frame, and whether it is compressed, depends on the worker that is first;
        // only noise is so in no frame.
        let possible = 700_000...taken.written.bytesNew + (4 << 10)
        for stored in [tried, taken].map(\.written.bytesStored) {
            #expect(possible.contains(stored), "\(stored)")
        }
        #expect(tried.sources == [box.source])
    }

    @Test("goes on where packs are full and gone, and nothing of it counts as stored")
    func manyPacks() throws {
        let storage = MemoryStorage()
        let box = try Sandbox(storage: storage)
        var creation = CreationOptions()
        creation.packBytes = 1 << 20
        let repository = try box.create(creation)
        // Each file resembles the first one, whose pack is full and gone before long.
        for number in 0..<6 {
            var bytes = noise(1_000_000, seed: 5)
            for place in stride(from: number, to: bytes.count, by: 30_000) { bytes[place] ^= 0x55 }
            try box.write("file\(number)", bytes)
        }
        let before = storage.contents
        let dry = try Repository.open(
            DryStorage(storage), secret: box.secret, directories: box.directories)
        let tried = try box.snapshot(dry) { $0.isDryRun = true }
        #expect(storage.contents == before)
        let taken = try box.snapshot(repository)
        #expect(tried.written.bytesNew == taken.written.bytesNew)
        #expect(tried.written.bytesStored <= tried.written.bytesNew + (64 << 10))
        // Nothing that was tried counts as stored afterwards.
        let again = try box.open()
        let report = try verify(
            try box.newest(again), of: again, progress: Progress(), observer: { _ in })
        #expect(report.issues.isEmpty)
    }
}
