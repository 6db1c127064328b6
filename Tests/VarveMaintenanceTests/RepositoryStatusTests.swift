import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Status")
struct RepositoryStatusTests {
    private static let second: Int64 = 1_000_000_000
    private static let day: Int64 = 86_400 * second
    /// Later than the clock of any machine that runs this, which made record 0.
    private static let start: Int64 = 80_000 * day

    @Test("a source is as old as its newest snapshot, and each host has its own")
    func ages() throws {
        let (depot, storage) = try Self.depot()
        let repository = try depot.open()
        try repository.commit(at: Self.start, host: "a")
        storage.setClock(Self.start + 2 * Self.day)
        let newest = try repository.commit(at: Self.start + 2 * Self.day, host: "a")
        try repository.commit(at: Self.start + Self.day, host: "b")
        let status = try repository.status(now: Self.start + 3 * Self.day)
        #expect(status.sources.map(\.host) == ["a", "b"])
        #expect(status.sources.map(\.snapshots) == [2, 1])
        #expect(status.sources[0].last.id == newest)
        #expect(status.sources.map { $0.age(at: status.now) } == [Self.day, 2 * Self.day])
    }

    @Test("no clock makes a source look fresh: neither that of a client nor this machine's")
    func clocks() throws {
        let (depot, storage) = try Self.depot()
        let repository = try depot.open()
        let lying = try repository.commit(at: Self.start + 300 * Self.day)
        storage.setClock(Self.start + Self.day)
        try repository.commit(at: Self.start, host: "other")
        let late = try repository.status(now: Self.start + 5 * Self.day)
        let source = try #require(late.sources.first { $0.last.id == lying })
        #expect(source.time == Self.start)
        #expect(source.age(at: late.now) == 5 * Self.day)
        // The newest record is a day younger than this machine believes it is now.
        let early = try repository.status(now: Self.start)
        #expect(source.age(at: early.now) == Self.day)
        #expect(source.age(at: .min) == 0)
    }

    @Test("a size leaves its trend below half, and above twice, the median of those before")
    func trend() throws {
        let cases: [(earlier: [Int], last: Int, usual: Int?, isOff: Bool)] = [
            ([], 5, nil, false), ([100, 100], 0, nil, false), ([100, 100, 100], 50, 100, false),
            ([100, 100, 100], 49, 100, true), ([100, 100, 100], 200, 100, false),
            ([100, 100, 100], 201, 100, true), ([3, 3, 3], 1, 3, true),
            ([0, 0, 0], 0, 0, false), ([0, 0, 0], 1, 0, true),
            // One that was off before does not say what is usual, and what is long ago neither.
            ([100, 1, 110, 90, 100], 120, 100, false),
            (Array(repeating: 1, count: 20) + Array(repeating: 100, count: 10), 90, 100, false),
        ]
        for (earlier, last, usual, isOff) in cases {
            let status = try Self.status(earlier + [last])
            #expect(status.usualBytes == usual, "\(earlier), \(last)")
            #expect(status.isOffTrend == isOff, "\(earlier), \(last)")
        }
        // What could not be read whole does not say what is usual.
        let partly = try Self.status([100, 100, 100, 1, 1, 1, 1, 90], incomplete: 3..<7)
        #expect(partly.usualBytes == 100)
    }

    @Test("what waits to be removed is told with the day from which on, and the last prune")
    func prune() throws {
        var random = SeededNumbers(1)
        let scene = try Scene()
        let repository = try scene.open()
        #expect(try repository.status(now: 0).condemned == nil)
        #expect(try repository.status(now: 0).lastPrune == nil)
        try scene.write("d0/f0", random.bytes(200_000))
        let id = try scene.snapshot(repository)
        try repository.append { _ in .forget([id]) }
        scene.pass(seconds: 60)
        let report = try repository.prune(PruneOptions())
        let status = try scene.open(machine: "other").status(now: 0)
        let condemned = try #require(status.condemned)
        #expect(condemned.packs == report.packsCondemned)
        #expect(condemned.bytes == scene.packBytes)
        #expect(condemned.due == (scene.seconds + 7 * Scene.day) * Self.second)
        #expect(status.lastPrune == scene.seconds * Self.second)
        // A prune that had nothing to do is one, too, to the machine that ran it.
        let before = Clock.wallNanoseconds() / Self.second * Self.second
        _ = try repository.prune(PruneOptions())
        #expect(try #require(repository.status(now: 0).lastPrune) >= before)
    }

    @Test("a machine remembers its last check, and one that never checked says so")
    func check() throws {
        var random = SeededNumbers(1)
        let scene = try Scene()
        try scene.write("d0/f0", random.bytes(200_000))
        try scene.snapshot(scene.open())
        #expect(try scene.open().status(now: 0).lastCheck == nil)
        let before = Clock.wallNanoseconds()
        _ = try scene.open().check(reading: .none)
        let structure = try #require(scene.open().status(now: 0).lastCheck)
        #expect(structure.time >= before && structure.damages == 0)
        #expect(structure.packs > 1 && structure.packsRead == 0 && structure.readSince == nil)
        _ = try scene.open().check(reading: .all)
        let whole = try #require(scene.open().status(now: 0).lastCheck)
        #expect(whole.packsRead == whole.packs)
        #expect(try #require(whole.readSince) >= before)
        #expect(try scene.open(machine: "other").status(now: 0).lastCheck == nil)
        let pack = try #require(scene.storage.contents.keys.first { $0.hasPrefix("packs/data/") })
        scene.storage.removeQuietly(pack)
        _ = try scene.open().check(reading: .none)
        #expect(try #require(scene.open().status(now: 0).lastCheck).damages > 0)
    }

    @Test("what this machine remembers of a check is nothing when it is not what was written")
    func remembered() throws {
        let scratch = try ScratchDirectory()
        let lines = RememberedLines("lines", in: scratch.path)
        #expect(lines.lines.isEmpty)
        lines.save(["a 1", "b 2"])
        #expect(lines.lines == ["a 1", "b 2"])
        var bytes = try File.contents(of: scratch.path + "/lines", limit: 1_000)
        bytes[bytes.count - 2] ^= 1
        try File.createOrTruncate(scratch.path + "/lines").write(bytes)
        #expect(lines.lines.isEmpty)
    }

    private static func depot() throws -> (Depot, MemoryStorage) {
        let depot = try Depot()
        let storage = try #require(depot.storage as? MemoryStorage)
        storage.setClock(start)
        return (depot, storage)
    }

    /// Of snapshots with these sizes, the newest last.
    private static func status(
        _ sizes: [Int], incomplete: Range<Int> = 0..<0
    ) throws -> SourceStatus {
        let entries = try sizes.enumerated().map { index, bytes in
            RepositoryState.SnapshotEntry(
                id: try #require(SnapshotID(randomBytes(SnapshotID.byteCount))),
                manifest: try #require(ManifestID(randomBytes(ManifestID.byteCount))),
                recordNumber: UInt64(index + 1),
                summary: SnapshotSummary(
                    time: Int64(index), host: "a", user: "u", sources: ["/"],
                    isIncomplete: incomplete.contains(index), bytes: bytes))
        }
        let group = RetentionGroup(of: JudgedSnapshot(entries[0], .storage), [.host, .source])
        var numbers = SeededNumbers(1)
        return SourceStatus(group, entries.shuffled(using: &numbers)) { $0.summary.time }
    }
}
