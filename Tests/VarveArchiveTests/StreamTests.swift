import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

@Suite("A stream")
struct StreamTests {
    struct NotTrusted: Error {}

    @Test(
        "comes back as it was, and again stores nothing new",
        arguments: [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
    func lengths(count: Int) throws {
        let (box, repository) = try Sandbox.inMemory()
        let bytes = noise(count, seed: 11)
        try box.stream(bytes, repository)
        #expect(try box.dumped(repository) == bytes)
        let again = try box.stream(bytes, repository)
        #expect(again.written.chunksNew == 0)
        #expect(try box.dumped(repository) == bytes)
    }

    @Test("with parts that return, of 8 MB or 40, comes back, and each part is stored once")
    func long() throws {
        let (box, repository) = try Sandbox.inMemory()
        let isLong = TestRun.isLong
        let bytes = repeats(isLong ? 40_000_000 : 8_000_000, seed: 3)
        let report = try box.stream(bytes, repository)
        #expect(try box.dumped(repository) == bytes)
        #expect(report.counts.bytes == bytes.count)
        let different = Set(try box.cuts(repository).map(\.id)).count
        // One of the new chunks is the root directory, a few are lists.
        #expect((different...different + 16).contains(report.written.chunksNew))
        #expect(try box.stream(bytes, repository).written.chunksNew == 0)
    }

    @Test("that looks like a database page file is cut every 64 KiB")
    func pages() throws {
        let (box, repository) = try Sandbox.inMemory()
        var bytes = Array("SQLite format 3\0".utf8) + noise(1_500_000, seed: 5)
        try box.stream(bytes, repository)
        let cuts = try box.cuts(repository)
        #expect(cuts.dropLast().allSatisfy { $0.bytes == 64 << 10 })
        bytes[700_000] ^= 1
        bytes += noise(1_000_000, seed: 6)
        try box.stream(bytes, repository, time: 2)
        #expect(try box.dumped(repository) == bytes)
        let changed = try box.cuts(repository)
        #expect(changed.dropLast().allSatisfy { $0.bytes == 64 << 10 })
        #expect(changed.prefix(10) == cuts.prefix(10))
        #expect(zip(changed, cuts).count { $0 != $1 } <= 2)
    }

    @Test("that its program does not vouch for leaves no snapshot")
    func unconfirmed() throws {
        let (box, repository) = try Sandbox.inMemory()
        let bytes = noise(2_000_000, seed: 1)
        for _ in 0..<2 {
            #expect(throws: NotTrusted.self) {
                try box.stream(bytes, repository) { throw NotTrusted() }
            }
        }
        #expect(try box.open().state.snapshots.isEmpty)
        // What was stored by then must not be taken for stored.
        try box.stream(bytes, repository)
        #expect(try box.dumped(try box.open()) == bytes)
    }

    @Test("whose reading fails leaves no snapshot and says why")
    func unreadable() throws {
        let (box, repository) = try Sandbox.inMemory()
        try box.write("whole", noise(3_000_000, seed: 2))
        let path = box.source + "/whole"
        FileFaults.with(under: path) { call, _ in
            call == .read ? 5 : nil
        } _: {
            _ = #expect(throws: ArchiveError.self) {
                try takeSnapshot(
                    of: .stream(
                        name: "stream", kind: .stdin, StreamInput(try File.openToRead(path)),
                        confirm: {}), into: repository, box.options())
            }
        }
        #expect(try box.open().state.snapshots.isEmpty)
    }
}
