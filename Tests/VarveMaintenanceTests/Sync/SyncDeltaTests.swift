import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Deltas in a sync")
struct SyncDeltaTests {
    /// A file, and one a little different, which is stored as deltas on the first.
    private func scene() throws -> (scene: Scene, ids: [SnapshotID]) {
        let scene = try Scene()
        let repository = try scene.open()
        var bytes = noise(300_000, seed: 31)
        try scene.write("d0/a", bytes)
        let first = try scene.snapshot(repository)
        for place in stride(from: 1_000, to: bytes.count, by: 40_000) { bytes[place] ^= 1 }
        try scene.write("d0/a", bytes)
        scene.pass(seconds: 60)
        return (scene, [first, try scene.snapshot(repository)])
    }

    /// Chunks of file content that are stored as deltas, and that are not.
    private func stored(
        in repository: Repository
    ) throws -> (deltas: Set<ChunkID>, full: Set<ChunkID>) {
        try repository.refresh()
        var (deltas, full) = (Set<ChunkID>(), Set<ChunkID>())
        for id in repository.state.segments {
            for pack in try repository.segment(id).packs where pack.table.contents == .data {
                for chunk in pack.table.frames.flatMap(\.chunks) {
                    if chunk.base == nil { full.insert(chunk.id) } else { deltas.insert(chunk.id) }
                }
            }
        }
        return (deltas, full)
    }

    @Test("go over as they are when their bases travel with them, or are there")
    func asTheyAre() throws {
        let (scene, ids) = try scene()
        let source = try stored(in: scene.open())
        #expect(source.deltas.count > 1)
        for isAtOnce in [true, false] {
            let storage = MemoryStorage(location: "sibling")
            let sibling = try scene.sibling(in: storage)
            for step in isAtOnce ? [Set(ids)] : [[ids[0]], Set(ids)] {
                let report = try scene.sync(to: [sibling]) { step.contains($0.id) }[0]
                #expect(report.counts.chunksAnew == 0)
            }
            let found = try stored(in: sibling)
            #expect(found.deltas == source.deltas && found.full == source.full)
            try scene.expectCopy(storage, of: ids)
        }
    }

    @Test("and frames that one window wants a part of wait for the next one")
    func acrossWindows() throws {
        let scene = try Scene()
        let repository = try scene.open()
        for number in 0..<150 {
            try scene.write("d0/f\(number)", noise(50_000, seed: UInt64(number)))
        }
        _ = try scene.snapshot(repository)
        for number in stride(from: 0, to: 150, by: 2) {
            var bytes = noise(50_000, seed: UInt64(number))
            bytes[25_000] ^= 1
            try scene.write("d0/g\(150 - number)", bytes)
        }
        scene.pass(seconds: 60)
        let second = try scene.snapshot(repository)
        let storage = MemoryStorage(location: "sibling")
        let sibling = try scene.sibling(in: storage)
        var options = SyncOptions()
        options.windowChunks = 120
        let report = try scene.sync(to: [sibling], { $0.id == second }, options)[0]
        // Of the first snapshot's list and trees only some chunks are wanted.
        #expect(report.counts.chunksAnew < 4)
        let found = try stored(in: sibling)
        let source = try stored(in: repository)
        #expect(!found.deltas.isEmpty && found.deltas == source.deltas)
        #expect(sibling.state.number > 2, "more than one window was named")
        try scene.expectCopy(storage, of: [second])
    }

    @Test("become full chunks where their bases are not wanted")
    func baseMissing() throws {
        let (scene, ids) = try scene()
        let source = try stored(in: scene.open())
        let storage = MemoryStorage(location: "sibling")
        let sibling = try scene.sibling(in: storage)
        let report = try scene.sync(to: [sibling]) { $0.id == ids[1] }[0]
        #expect(report.counts.chunksAnew >= source.deltas.count)
        let found = try stored(in: sibling)
        #expect(source.deltas.isSubset(of: found.full))
        try scene.expectCopy(storage, of: [ids[1]])
    }

    @Test("become full chunks where their bases are deltas themselves")
    func baseIsDelta() throws {
        let (scene, ids) = try scene()
        let source = try stored(in: scene.open())
        let storage = MemoryStorage(location: "sibling")
        _ = try scene.sibling(in: storage)
        let sibling = try scene.open(storage, machine: "sibling")
        // There the second one came first, so that what is a base here is a delta there.
        try scene.sync(to: [sibling]) { $0.id == ids[1] }
        let files = try #require(scene.contents[ids[0]])
        for (name, bytes) in files { try scene.write(name, bytes) }
        let own = try scene.snapshot(sibling)
        let before = try stored(in: sibling)
        #expect(!before.deltas.isDisjoint(with: source.full))
        try sibling.append { _ in .forget([ids[1]]) }
        var options = PruneOptions()
        (options.isImmediate, options.unusedMax) = (true, .percent(0))
        for _ in 0..<3 { _ = try sibling.prune(options) }
        try scene.sync(to: [sibling])
        try scene.expectCopy(storage, of: [own, ids[0], ids[1]])
    }

    @Test("are not named once their bases were swept, wherever in the sync that happens")
    func baseSwept() throws {
        let (scene, ids) = try scene()
        let prepared = MemoryStorage(location: "sibling")
        let sibling = try scene.sibling(in: prepared)
        try scene.sync(to: [sibling]) { $0.id == ids[0] }
        try sibling.append { _ in .forget([ids[0]]) }
        var options = SyncOptions()
        options.windowChunks = 1
        var count = 0
        while true {
            let storage = prepared.duplicate()
            let maintenance = try scene.open(storage, machine: "maintenance\(count)")
            // Right before what a window wrote is looked at, and named.
            let hooked = HookedStorage(storage, before: "get index/", after: count) {
                var options = PruneOptions()
                (options.isImmediate, options.unusedMax) = (true, .percent(0))
                for _ in 0..<2 { _ = try? maintenance.prune(options) }
            }
            let report = try scene.sync(
                to: [scene.openOnce(hooked)], { $0.id == ids[1] }, options)[0]
            #expect(report.isComplete)
            try scene.expectCopy(storage, of: [ids[1]])
            if hooked.isWaiting { break }
            count += 1
        }
        // How many windows there are depends on where the file is cut.
        #expect(count > 1)
    }

    @Test("are made anew under keys of the destination's own, and take hardly more")
    func resealed() throws {
        let (scene, ids) = try scene()
        let source = try stored(in: scene.open())
        let storage = MemoryStorage(location: "stranger")
        let stranger = try scene.stranger(in: storage)
        let report = try scene.sync(to: [stranger])[0]
        #expect(report.counts.frames == 0)
        let found = try stored(in: stranger)
        #expect(found.deltas == source.deltas)
        try scene.expectCopy(storage, of: ids)
    }
}
