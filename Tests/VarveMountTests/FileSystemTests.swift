import Glibc
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveMount

@Suite("A mounted repository")
struct FileSystemTests {
    private let depot: Depot

    init() throws { depot = try Depot() }

    @Test("has every entry of a directory, in order, however few are asked for at once")
    func largeDirectory() throws {
        let start = String(repeating: "a name that is rather long ", count: 8)
        let names = (0..<3_000).map { start + "\($0)" }
        for name in names { try depot.write("many/" + name, []) }
        try depot.snapshot()
        // With so little room most pieces are decoded again each time.
        let files = try depot.files(pieceCacheBytes: 100_000)
        let directory = try files.newest(depot.source + "/many").number
        let expected = [".", ".."] + names.sorted()
        for atOnce in [13, 5_000] {
            let found = try files.names(in: directory, atOnce: atOnce)
            #expect(found.map { String(decoding: $0, as: UTF8.self) } == expected)
        }
        let opened = try files.directories.directory(of: directory) { throw Refusal.missing }
        #expect(opened.directory.pieceCount > 1)
        for name in names.shuffled().prefix(100) {
            _ = try files.lookup(Array(name.utf8), in: directory)
            #expect(throws: Refusal.missing) {
                try files.lookup(Array((name + "x").utf8), in: directory)
            }
        }
    }

    @Test("reads any range of any file, with holes as zeros")
    func ranges() throws {
        var numbers = SeededNumbers.fresh()
        var directory = RandomDirectory(numbers.seed)
        try directory.change(try File.openDirectory(depot.source))
        try depot.write("long", noise(6_000_000, seed: numbers.next()))
        let sparse = try File.createOrTruncate(depot.source + "/sparse", mode: 0o600)
        try noise(70_000, seed: 1).withUnsafeBytes { try sparse.write($0, at: 100_000) }
        try noise(9, seed: 2).withUnsafeBytes { try sparse.write($0, at: 900_000) }
        try sparse.truncate(to: 1_000_001)
        try depot.snapshot()
        let files = try depot.files()
        for name in ["long", "sparse"] {
            let plain = try File.contents(of: depot.source + "/" + name, limit: 1 << 24)
            let number = try files.newest(depot.source + "/" + name).number
            #expect(try files.bytes(number) == plain)
            for _ in 0..<200 {
                let start = numbers.below(plain.count + 10)
                let count = numbers.below(numbers.flag() ? 300_000 : 50)
                let end = min(plain.count, start + count)
                let wanted = start < end ? Array(plain[start..<end]) : []
                #expect(
                    try files.bytes(number, start, count) == wanted,
                    "VARVE_SEED=\(numbers.seed), \(name) \(start) \(count)")
            }
        }
        #expect(depot.complaints == [])
    }

    @Test("tells where holes are as the source's file system does")
    func holes() throws {
        let path = depot.source + "/sparse"
        let sparse = try File.createOrTruncate(path, mode: 0o600)
        try noise(65_536, seed: 1).withUnsafeBytes { try sparse.write($0, at: 131_072) }
        try sparse.truncate(to: 1 << 20)
        try depot.snapshot()
        let files = try depot.files()
        let found = try files.newest(path)
        #expect(found.status.size == 1 << 20)
        #expect(found.status.blocks == 128)
        let places = [0, 131_072, 150_000, 196_608, 500_000]
        func seek(_ stretch: FileBytes.Stretch) -> [Int] {
            places.map { (try? files.seek(stretch, in: found.number, from: $0)) ?? -1 }
        }
        #expect(seek(.data) == [131_072, 131_072, 150_000, -1, -1])
        #expect(seek(.hole) == [0, 196_608, 196_608, 196_608, 500_000])
        #expect(throws: Refusal.beyondEnd) {
            try files.seek(.hole, in: found.number, from: 1 << 20)
        }
    }

    @Test("counts the names of a file, and gives them one number and one inode")
    func hardLinks() throws {
        try depot.write("a/one", [1, 2])
        try File.link(depot.source + "/a/one", to: depot.source + "/two")
        try File.makeDirectory(depot.source + "/b")
        try File.link(depot.source + "/a/one", to: depot.source + "/b/three")
        try depot.write("alone", [1, 2])
        try depot.snapshot()
        let files = try depot.files()
        let found = try ["/a/one", "/two", "/b/three"].map { try files.newest(depot.source + $0) }
        #expect(Set(found.map(\.number)).count == 1)
        #expect(Set(found.map(\.status.inode)).count == 1)
        #expect(found.allSatisfy { $0.status.links == 3 })
        let alone = try files.newest(depot.source + "/alone")
        #expect(alone.status.links == 1 && alone.status.inode != found[0].status.inode)
        // The next mount says the same.
        let again = try depot.files(of: depot.open()).newest(depot.source + "/two")
        #expect(again.status == found[0].status)
    }

    @Test(
        "lists files of several names without counting these, and other entries with their status")
    func listing() throws {
        try depot.write("one", [1])
        try File.link(depot.source + "/one", to: depot.source + "/two")
        try depot.write("other", [1, 2, 3])
        try depot.snapshot()
        let files = try depot.files()
        let directory = try files.newest(depot.source).number
        var told: [String: FileSystem.Found?] = [:]
        try files.list(directory, from: 2) { entry, tell in
            told[String(decoding: entry.name, as: UTF8.self)] = try tell()
            return true
        }
        #expect(told.keys.sorted() == ["one", "other", "two"])
        #expect(told["one"] == .some(nil) && told["two"] == .some(nil))
        #expect(told["other"]??.status == (try files.newest(depot.source + "/other").status))
    }

    @Test("has no name that is missing, and nothing in what is no directory")
    func missing() throws {
        try depot.write("file", [1])
        try depot.snapshot()
        let files = try depot.files()
        #expect(throws: Refusal.missing) { try files.newest(depot.source + "/fil") }
        #expect(throws: Refusal.missing) { try files.newest(depot.source + "/file2") }
        #expect(throws: Refusal.notDirectory) { try files.newest(depot.source + "/file/x") }
        #expect(throws: Refusal.missing) { try files.find("ids/00000000") }
        #expect(throws: Refusal.noLink) {
            try files.target(of: files.newest(depot.source + "/file").number)
        }
        #expect(throws: Refusal.isDirectory) {
            try files.bytes(files.newest(depot.source).number, 0, 1)
        }
        #expect(depot.complaints == [])
    }

    @Test("shows snapshots that were taken meanwhile, and shows forgotten ones no more")
    func changes() throws {
        try depot.write("file", [1])
        try depot.snapshot(1, host: "a")
        let files = try depot.files(of: depot.open())
        #expect(try files.entries("hosts") == ["a"])
        let before = try files.status(of: .root).status.modified
        let old = try files.newest(depot.source + "/file")
        try depot.write("file", [2, 2])
        try depot.snapshot(2, host: "b")
        #expect(try files.entries("hosts") == ["a", "b"])
        #expect(try files.entries("ids").count == 2)
        #expect(try files.status(of: .root).status.modified > before)
        #expect(try files.bytes(files.newest(depot.source + "/file").number, 0, 9) == [2, 2])
        let first = try #require(depot.repository.state.snapshots.first)
        try depot.forget(first.id)
        #expect(try files.entries("hosts") == ["b"])
        #expect(throws: Refusal.missing) { try files.find("ids/" + first.id.hex.prefix(8)) }
        // Who is in it goes on.
        #expect(try files.bytes(old.number, 0, 9) == [1])
    }

    @Test("goes on behind the same view when the list changes while it is read")
    func listingWhileChanging() throws {
        for time in 1...4 { try depot.snapshot(Int64(time)) }
        let files = try depot.files(of: depot.open())
        let view = try files.find("hosts/host").number
        var names: [String] = []
        var offset = 0
        func step() throws -> Bool {
            let before = offset
            try files.list(view, from: offset) { entry, _ in
                guard offset == before else { return false }
                names.append(String(decoding: entry.name, as: UTF8.self))
                offset = entry.next
                return true
            }
            return offset != before
        }
        for _ in 0..<4 { _ = try step() }
        #expect(names.suffix(2) == ["1970-01-01T00:00:01Z", "1970-01-01T00:00:02Z"])
        // The one where the listing stands goes, and one before it comes.
        try depot.forget(depot.repository.state.snapshots[1].id)
        try depot.snapshot(0)
        _ = try files.find("hosts")
        while try step() {}
        #expect(
            names.dropFirst(2) == [
                "1970-01-01T00:00:01Z", "1970-01-01T00:00:02Z", "1970-01-01T00:00:03Z",
                "1970-01-01T00:00:04Z", "latest",
            ])
    }
}
