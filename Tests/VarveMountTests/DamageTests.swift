import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMount

@Suite("Of a mounted repository that is damaged")
struct DamageTests {
    private let depot: Depot
    private let plain: [UInt8]

    init() throws {
        depot = try Depot()
        plain = noise(5_000_000, seed: 1)
        try depot.write("long", plain)
        try depot.write("other", lines(100, seed: 1))
        try depot.snapshot()
    }

    /// The repository with one byte changed in the middle of a pack of this folder.
    private func damaged(_ folder: String) throws -> Repository {
        var contents = depot.storage.contents
        let packs = contents.keys.filter { $0.hasPrefix(folder) }
        let name = try #require(packs.max { contents[$0]?.count ?? 0 < contents[$1]?.count ?? 0 })
        let middle = (contents[name]?.count ?? 0) / 2
        contents[name]?[middle] ^= 1
        return try depot.open(MemoryStorage(contents: contents), machine: "damaged")
    }

    @Test("the bytes that lie in the damaged frame are refused, and all others are read")
    func bytes() throws {
        let repository = try damaged("packs/data/")
        let files = try depot.files(of: repository)
        let number = try files.newest(depot.source + "/long").number
        let node = try files.readers.with { try files.node(number, &$0.chunks).node }
        var refused: [Range<Int>] = []
        var start = 0
        var reader = try ChunkReader(repository)
        var chunks = ContentCursor(try #require(node.content))
        while let entry = try chunks.next(&reader) {
            let range = start..<start + entry.bytes
            start = range.upperBound
            do {
                #expect(
                    try files.bytes(number, range.lowerBound, range.count) == Array(plain[range]))
            } catch {
                #expect(error as? Refusal == .unreadable)
                refused.append(range)
            }
        }
        let first = try #require(refused.first)
        let last = try #require(refused.last)
        // One frame has neighbours, and not all of the file.
        #expect(last.upperBound - first.lowerBound == refused.reduce(0) { $0 + $1.count })
        #expect(last.upperBound - first.lowerBound < 1_200_000)
        // To the byte.
        #expect(try files.bytes(number, first.lowerBound - 10, 10).count == 10)
        #expect(throws: Refusal.unreadable) { try files.bytes(number, first.lowerBound - 10, 11) }
        #expect(throws: Refusal.unreadable) { try files.bytes(number, last.upperBound - 1, 2) }
        #expect(try files.bytes(number, last.upperBound, 10).count == 10)
        #expect(
            try files.bytes(files.newest(depot.source + "/other").number) == lines(100, seed: 1))
    }

    @Test("what is wrong is said once, and names the pack")
    func complaints() throws {
        let files = try depot.files(of: damaged("packs/data/"))
        let number = try files.newest(depot.source + "/long").number
        for _ in 0..<3 {
            for start in stride(from: 0, to: plain.count, by: 100_000) {
                _ = try? files.bytes(number, start, 100_000)
            }
        }
        #expect(depot.complaints.count == 1)
        #expect(depot.complaints.allSatisfy { $0.contains("packs/data/") })
    }

    @Test("a directory that cannot be read is refused, and never shown as if it had fewer entries")
    func directories() throws {
        for number in 0..<200 { try depot.write("many/\(number)", noise(2_000, seed: 7)) }
        try depot.snapshot(2)
        let repository = try damaged("packs/meta/")
        let files = try depot.files(of: repository)
        var (read, refused) = (0, 0)
        func visit(_ number: FileNumber) {
            do {
                let names = try files.names(in: number)
                read += 1
                for name in names where name != [46] && name != [46, 46] {
                    let below = try files.lookup(name, in: number)
                    if below.status.kind == .directory { visit(below.number) }
                }
            } catch {
                #expect(error as? Refusal == .unreadable)
                refused += 1
            }
        }
        visit(.root)
        #expect(refused > 0 && read > 3)
    }

    @Test("a snapshot whose packs were swept gives no bytes that are not its own")
    func swept() throws {
        let files = try depot.files(of: depot.open())
        let number = try files.newest(depot.source + "/long").number
        #expect(try files.bytes(number, 0, 100) == Array(plain[..<100]))
        for name in depot.storage.contents.keys where name.hasPrefix("packs/data/") {
            depot.storage.removeQuietly(name)
        }
        var refused = 0
        for start in stride(from: 0, to: plain.count, by: 50_000) {
            do {
                let end = min(start + 50_000, plain.count)
                #expect(try files.bytes(number, start, 50_000) == Array(plain[start..<end]))
            } catch {
                #expect(error as? Refusal == .unreadable)
                refused += 1
            }
        }
        #expect(refused > 0)
    }
}
