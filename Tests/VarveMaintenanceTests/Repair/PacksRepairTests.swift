import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Repair of packs")
struct PacksRepairTests {
    private let scene: Scene
    private let storage: MemoryStorage
    /// The snapshot of `d0/a`, and that of `d0/a` and `d1/b`.
    private let first: SnapshotID
    private let second: SnapshotID
    private let packOfA: String
    private var random = SeededNumbers(31)

    init() throws {
        scene = try Scene()
        storage = scene.storage
        let repository = try scene.open()
        try scene.write("d0/a", random.bytes(60_000))
        first = try scene.snapshot(repository)
        packOfA = try #require(
            scene.storage.contents.keys.first { $0.hasPrefix("packs/data/") })
        try scene.write("d1/b", random.bytes(60_000))
        second = try scene.snapshot(repository)
    }

    private func fresh(_ other: (any Storage)? = nil) throws -> Repository {
        try scene.open(other, machine: randomName())
    }

    /// No damage is left, nothing is left to mend, and every snapshot holds what it held.
    private func expectWhole() throws {
        let head = try fresh().state.number
        #expect(try fresh().repairPacks().isNothing)
        #expect(try fresh().state.number == head)
        try scene.expectWhole()
        let checked = try Checked(storage, of: scene, reading: .all)
        #expect(!checked.report.isDamaged, "\(checked.report.findings)")
        #expect(checked.report.hits.isEmpty)
    }

    @Test("what is lost is told, and heals with the next snapshot", arguments: Harm.allCases)
    func heals(harm: Harm) throws {
        // What is younger counts as changed in any case.
        Clock.sleep(nanoseconds: 2_100_000_000)
        let third = try scene.snapshot(try fresh())
        harm.befall(packOfA, in: storage)
        let report = try fresh().repairPacks()
        #expect(report.packsDamaged == 1 && report.copiesLost > 0)
        #expect(report.chunksMissing == report.copiesLost)
        let checked = try Checked(storage, of: scene, reading: .all)
        #expect(
            checked.hits(in: scene)
                == [first: ["d0/a"], second: ["d0/a"], third: ["d0/a"]])
        #expect(checked.damaged.count == 1, "only that chunks are missing: \(checked.damaged)")
        // Only the file that needs what is lost is read again.
        scene.pass(seconds: 60)
        let repository = try fresh()
        let read = Mutex<[String]>([])
        try scene.snapshot(repository) { event in
            guard case .file(let path, _, _) = event else { return }
            read.withLock { $0.append(path) }
        }
        #expect(read.withLock { $0 } == [scene.path + "/tree/d0/a"])
        try expectWhole()
    }

    @Test("what can be read is in other packs afterwards, and the damaged pack goes with a prune")
    mutating func salvages() throws {
        let scene = try Scene(packBytes: 8 << 20)
        let storage = scene.storage
        func fresh() throws -> Repository { try scene.open(machine: randomName()) }
        for number in 0..<60 { try scene.write("d2/f\(number)", random.bytes(60_000)) }
        try scene.snapshot(try fresh())
        let tables = try storage.contents.keys.filter { $0.hasPrefix("packs/data/") }.map {
            (name: $0, frames: try fresh().tableOfContents(of: $0).table.frames)
        }
        let pack = try #require(tables.max { $0.frames.count < $1.frames.count })
        try #require(pack.frames.count > 1)
        var bytes = try #require(storage.contents[pack.name])
        bytes[pack.frames[0].offset + 100] ^= 1
        storage.overwrite(pack.name, bytes)
        let report = try fresh().repairPacks()
        #expect(report.packsDamaged == 1 && report.copiesLost == pack.frames[0].chunks.count)
        #expect(
            report.bytesWritten == pack.frames.dropFirst().reduce(0) { $0 + $1.bytes })
        #expect(throws: RepositoryError.self) {
            var options = PruneOptions()
            options.isImmediate = true
            _ = try fresh().prune(options)
        }
        #expect(storage.contents[pack.name] != nil, "what may still be had is gone")
        scene.pass(seconds: 60)
        try scene.snapshot(try fresh())
        var options = PruneOptions()
        options.isImmediate = true
        _ = try fresh().prune(options)
        #expect(storage.contents[pack.name] == nil)
        #expect(try fresh().state.lost.isEmpty)
        try scene.expectWhole()
        let checked = try Checked(storage, of: scene, reading: .all)
        #expect(checked.report.findings == [])
    }

    @Test("a pack that comes back is read again")
    func comesBack() throws {
        let bytes = try #require(storage.contents[packOfA])
        storage.removeQuietly(packOfA)
        #expect(try fresh().repairPacks().chunksMissing > 0)
        storage.overwrite(packOfA, bytes)
        let report = try fresh().repairPacks()
        #expect(report.chunksMissing == 0 && report.bytesWritten > 60_000)
        try expectWhole()
    }

    @Test("a base that is lost and stored again makes the deltas on it whole")
    func bases() throws {
        let old = try #require(scene.contents[first]?["d0/a"])
        var like = old
        like[30_000] ^= 1
        try scene.write("d0/a", like)
        let repository = try fresh()
        try scene.snapshot(repository)
        #expect(try repository.statistics().bytesSimilar > 0, "there is no delta to test with")
        storage.removeQuietly(packOfA)
        _ = try fresh().repairPacks()
        let damaged = try Checked(storage, of: scene, reading: .all)
        #expect(damaged.report.hits.count == 3)
        try scene.write("d0/a", old)
        scene.pass(seconds: 60)
        try scene.snapshot(try fresh())
        try expectWhole()
    }

    @Test("a delta whose base is lost is kept once, however often its damaged pack is salvaged")
    func orphaned() throws {
        var like = try #require(scene.contents[first]?["d0/a"])
        like[30_000] ^= 1
        let before = Set(storage.contents.keys)
        try scene.write("d0/a", like)
        try scene.snapshot(try fresh())
        let packOfDelta = try #require(
            storage.contents.keys.first { $0.hasPrefix("packs/data/") && !before.contains($0) })
        // The frames of the delta's pack are whole, and only its end is not.
        var bytes = try #require(storage.contents[packOfDelta])
        bytes[bytes.count - 30] ^= 1
        storage.overwrite(packOfDelta, bytes)
        storage.removeQuietly(packOfA)
        #expect(try fresh().repairPacks().bytesWritten > 0)
        let head = try fresh().state.number
        #expect(try fresh().repairPacks().bytesWritten == 0)
        #expect(try fresh().state.number == head)
    }

    @Test("a good copy in another pack goes on to resolve")
    mutating func copies() throws {
        // Two writers that know nothing of each other store the same.
        try scene.write("d3/c", random.bytes(50_000))
        let other = try scene.open(machine: "other")
        let hooked = HookedStorage(storage, before: "put snapshots/") { [path = scene.path] in
            let options = SnapshotOptions(time: 1, host: "x", user: "u", program: "t")
            _ = try? takeSnapshot(of: .paths([path + "/tree/d3"]), into: other, options)
        }
        try scene.snapshot(try scene.open(hooked, machine: randomName()))
        #expect(!hooked.isWaiting)
        let names = storage.contents.keys.filter { name in
            name.hasPrefix("packs/data/") && (storage.contents[name]?.count ?? 0) < 60_000
        }
        #expect(names.count == 2)
        let name = try #require(names.first)
        Harm.flipped.befall(name, in: storage)
        let report = try fresh().repairPacks()
        #expect(report.copiesLost > 0 && report.chunksMissing == 0)
        let checked = try Checked(storage, of: scene, reading: .all)
        #expect(!checked.report.isDamaged && checked.report.hits.isEmpty)
    }

    @Test("a copy of the repository gives what is lost, lists and directories with it")
    func copied() throws {
        let copy = storage.duplicate()
        for name in storage.contents.keys where name.hasPrefix("packs/") {
            Harm.removed.befall(name, in: storage)
        }
        let alone = try fresh().repairPacks()
        #expect(alone.chunksMissing > 0 && alone.chunksFetched == 0)
        let report = try fresh().repairPacks(from: try fresh(copy))
        #expect(report.chunksFetched > alone.chunksMissing && report.chunksMissing == 0)
        try expectWhole()
    }

    @Test("another repository with other keys gives what it has of what is lost")
    mutating func sibling() throws {
        // Files too short to be cut, for the sibling cuts elsewhere.
        let scene = try Scene()
        let storage = scene.storage
        for number in 0..<9 {
            try scene.write("d\(number % 3)/f\(number)", random.bytes(9_000))
        }
        let only = try scene.snapshot(try scene.open())
        let sibling = try Scene(like: scene)
        try sibling.snapshot(try sibling.open())
        func fresh() throws -> Repository { try scene.open(machine: randomName()) }
        for name in storage.contents.keys where name.hasPrefix("packs/data/") {
            Harm.removed.befall(name, in: storage)
        }
        let report = try fresh().repairPacks(from: try sibling.open())
        #expect(report.chunksFetched == 9 && report.chunksMissing == 0)
        let checked = try Checked(storage, of: scene, reading: .all)
        #expect(checked.report.hits[only] == nil && !checked.report.isDamaged)
        try scene.expectWhole()
    }

    @Test("nothing is changed when it is only tried")
    func tried() throws {
        Harm.flipped.befall(packOfA, in: storage)
        let contents = storage.contents
        let planned = try fresh().repairPacks(isDryRun: true)
        #expect(storage.contents == contents)
        let report = try fresh().repairPacks()
        #expect(planned.copiesLost == report.copiesLost && report.packsDamaged == 1)
    }
}
