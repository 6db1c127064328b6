import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("The cache of this machine")
struct CacheTests {
    enum Harm: Sendable, CaseIterable { case flips, cuts, empties, removes }

    /// Harms every file below the cache directory and answers how many there were.
    private func harm(_ path: String, _ harm: Harm, seed: Int) throws -> Int {
        let directory = try File.openDirectory(path)
        var count = 0
        for entry in try directory.entries() {
            let name = directory.path(of: entry.name)
            guard entry.kind != .directory else {
                count += try self.harm(name, harm, seed: seed)
                continue
            }
            count += 1
            if harm == .removes {
                try File.remove(name)
                continue
            }
            var bytes = try File.contents(of: name, limit: 1 << 26)
            switch harm {
            case .flips where !bytes.isEmpty:
                for place in stride(from: seed % bytes.count, to: bytes.count, by: 97) {
                    bytes[place] ^= 0x10
                }
            case .cuts: bytes.removeLast(bytes.count / 2)
            default: bytes = []
            }
            // In place, as a disk does it, so that open files and maps see it.
            let file = try directory.openToChange(entry.name)
            try file.truncate(to: bytes.count)
            try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        }
        return count
    }

    @Test(
        "may be harmed in any way while nobody has it open", arguments: Harm.allCases)
    func closed(way: CacheTests.Harm) throws {
        let box = try Sandbox(storage: MemoryStorage())
        _ = try box.create()
        for version in 0..<3 {
            try box.write("text", lines(3_000 + version, seed: 1))
            try box.write("noise", noise(100_000, seed: UInt64(version + 1)))
            try box.snapshot(try box.open(), time: Int64(version))
            #expect(try harm(box.path + "/cache", way, seed: version * 13) > 0)
            let repository = try box.open()
            #expect(try box.restore(repository, into: box.target + "\(version)").issues.isEmpty)
            #expect(try listing(box.target + "\(version)") == listing(box.source))
            #expect(try harm(box.path + "/cache", way, seed: version * 7) > 0)
        }
        let other = try box.open()
        #expect(other.state.snapshots.count == 3)
        for entry in other.state.snapshots {
            let report = try verify(entry, of: other, progress: Progress(), observer: { _ in })
            #expect(report.issues.isEmpty)
        }
    }

    @Test("may be harmed in any way while it is open", arguments: Harm.allCases)
    func open(way: CacheTests.Harm) throws {
        let (box, repository) = try Sandbox.inMemory()
        var all: [[UInt8]] = []
        for version in 0..<4 {
            let bytes = repeats(1_500_000, seed: UInt64(version / 2 + 1)) + noise(9_000, seed: 5)
            all.append(bytes)
            try box.stream(bytes, repository, time: Int64(version))
            _ = try harm(box.path + "/cache", way, seed: version * 13)
            #expect(try box.dumped(repository) == bytes)
            _ = try harm(box.path + "/cache", way, seed: version * 7)
        }
        let other = try box.open()
        #expect(other.state.snapshots.count == 4)
        for (entry, bytes) in zip(other.state.snapshots, all) {
            #expect(try everyFile(of: entry, other) == ["/stream": bytes])
        }
    }
}
