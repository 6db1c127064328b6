import TestSupport
import Testing
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Sync")
struct SyncTests {
    @Test(
        "what is chosen is whole at the destination alone, and the next sync writes nothing",
        arguments: [1, 2, 3, 4] as [UInt64])
    func property(seed: UInt64) throws {
        var random = SeededNumbers(seed)
        let scene = try Scene()
        let (near, far) = (MemoryStorage(location: "near"), MemoryStorage(location: "far"))
        _ = try scene.stranger(in: far)
        _ = try scene.sibling(in: near)
        var chosen: Set<SnapshotID> = []
        for _ in 0..<3 {
            let taken = try scene.takeSnapshots(3, seed: random.next())
            chosen.formUnion(taken.filter { _ in random.below(3) > 0 })
            if random.flag() { try Self.tidy(scene, keeping: chosen) }
            let destinations = [try scene.openOnce(near), try scene.openOnce(far)]
            let source = try scene.open(machine: "sync")
            var options = SyncOptions()
            options.windowChunks = random.element([3, 20, SyncLimits.windowChunks])
            options.readsBack = random.flag()
            let reports = try scene.sync(
                source, to: destinations, { chosen.contains($0.id) }, options)
            #expect(
                reports.map(\.isComplete) == [true, true],
                "\(reports.map { ($0.skipped, $0.failure) })")
            let expected = source.state.snapshots.map(\.id).filter(chosen.contains)
            let before = (near.contents, far.contents)
            try scene.expectCopy(near, of: expected)
            try scene.expectCopy(far, of: expected)
            let again = try scene.sync(
                to: [scene.openOnce(near), scene.openOnce(far)]) { chosen.contains($0.id) }
            #expect(again.allSatisfy { $0.copied.isEmpty && $0.counts == SyncCounts() })
            #expect(near.contents == before.0 && far.contents == before.1)
        }
        #expect(!chosen.isEmpty)
    }

    /// Forgets what nobody has chosen, and prunes, so that frames are used in part.
    private static func tidy(_ scene: Scene, keeping chosen: Set<SnapshotID>) throws {
        let repository = try scene.open()
        try repository.append {
            .forget($0.snapshots.map(\.id).filter { !chosen.contains($0) }.dropLast(1))
        }
        var options = PruneOptions()
        options.isImmediate = true
        for _ in 0..<2 { _ = try repository.prune(options) }
    }

    @Test("a sibling gets frames as they are, and takes snapshots of its own")
    func asSealed() throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(3, seed: 5)
        let storage = MemoryStorage(location: "sibling")
        let sibling = try scene.sibling(in: storage)
        let report = try #require(try scene.sync(to: [sibling]).first)
        #expect(report.copied == taken && report.counts.chunksAnew == 0)
        #expect(report.counts.frames > 0 && report.counts.bytes == report.counts.bytesAsSealed)
        let stored = scene.storage.contents.filter { $0.key.hasPrefix("packs/") }
        let names = Set(storage.contents.keys.filter { $0.hasPrefix("packs/") })
        #expect(names.isDisjoint(with: stored.keys), "a table of contents was not sealed anew")
        // The next one finds nearly all of its bytes there.
        let own = try scene.snapshot(sibling)
        try scene.expectCopy(storage, of: taken + [own])
        let manifest = try sibling.manifest(sibling.entry(own))
        #expect(manifest.counts.bytesNew < 10_000)
    }

    @Test("destinations that are to get different snapshots get what they share from one reading")
    func different() throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(3, seed: 9)
        let (near, far) = (MemoryStorage(location: "near"), MemoryStorage(location: "far"))
        let destinations = [try scene.sibling(in: near), try scene.sibling(in: far)]
        let source = try scene.open()
        let plans = [taken, [taken[1]]].map { ids in
            source.state.snapshots.filter { ids.contains($0.id) }
        }
        let reports = try source.sync(
            to: zip(destinations, plans).map { SyncTarget($0, SyncPlan($1, to: $0)) })
        #expect(reports.map(\.isComplete) == [true, true])
        try scene.expectCopy(near, of: taken)
        try scene.expectCopy(far, of: [taken[1]])
    }

    @Test("says where a copy came from, and keeps what was said of the snapshot since")
    func said() throws {
        let scene = try Scene()
        let source = try scene.open()
        let ids = try scene.takeSnapshots(2, seed: 6)
        try source.refresh()
        _ = try source.amend(ids[0]) { _ in .tags(["weekly", "kept"]) }
        _ = try source.amend(ids[0]) { _ in .pin(true) }
        _ = try source.amend(ids[1]) { _ in .description("the other one") }
        let (first, second) = (try scene.sibling(), try scene.stranger())
        try scene.sync(to: [first])
        // A copy of a copy says where the snapshot was taken.
        try first.refresh()
        _ = try first.sync(
            to: [SyncTarget(second, SyncPlan(first.state.snapshots, to: second))])
        for repository in [first, second] {
            try repository.refresh()
            let entries = try ids.map { try repository.entry($0) }
            #expect(entries[0].summary.tags == ["weekly", "kept"] && entries[0].isPinned)
            #expect(entries[1].summary.description == "the other one" && !entries[1].isPinned)
            for entry in entries {
                let origin = try #require(try repository.manifest(entry).origin)
                let there = try source.entry(entry.id)
                #expect(origin.repository == source.id && origin.number == there.recordNumber)
                let dating = try SnapshotDating(of: repository)
                #expect(try dating.judge(entry, in: repository).dating == .origin)
            }
        }
    }

    @Test("a pin that came after the copy follows with the next sync, and none is taken away")
    func pins() throws {
        let scene = try Scene()
        let ids = try scene.takeSnapshots(2, seed: 7)
        let sibling = try scene.sibling()
        try scene.sync(to: [sibling])
        let source = try scene.open()
        _ = try source.amend(ids[0]) { _ in .pin(true) }
        _ = try sibling.amend(ids[1]) { _ in .pin(true) }
        try scene.sync(source, to: [sibling])
        #expect(sibling.state.snapshots.map(\.isPinned) == [true, true])
    }

    @Test("a snapshot that was forgotten at the destination comes back")
    func comesBack() throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(2, seed: 8)
        let storage = MemoryStorage(location: "sibling")
        let sibling = try scene.sibling(in: storage)
        try scene.sync(to: [sibling])
        try sibling.append { _ in .forget([taken[0]]) }
        let report = try #require(try scene.sync(to: [sibling]).first)
        #expect(report.copied == [taken[0]] && report.counts.bytes == 0)
        try scene.expectCopy(storage, of: [taken[1], taken[0]])
    }

    @Test("chunks longer than any that the destination cuts are taken all the same")
    func longChunks() throws {
        let scene = try Scene(chunkBytes: 1 << 20)
        try scene.write("d0/long", noise(6 << 20, seed: 3))
        try scene.snapshot(scene.open())
        let storage = MemoryStorage(location: "stranger")
        let stranger = try scene.stranger(in: storage, chunkBytes: 16 << 10)
        #expect(try scene.sync(to: [stranger])[0].isComplete)
        let report = try scene.openOnce(storage).check(reading: .all)
        #expect(report.findings.isEmpty)
    }
}
