import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("A sync, with a storage that fails")
struct SyncFaultTests {
    enum Side: CaseIterable { case source, destination }
    enum Duration: CaseIterable { case once, fromThenOn }

    /// A short run visits every other call.
    private static let stride = TestRun.isLong ? 1 : 2

    private static var smallWindows: SyncOptions {
        var options = SyncOptions()
        options.windowChunks = 12
        return options
    }

    /// Each call of a sync fails in turn, on either side, before or after it takes effect.
    @Test(
        "leaves whole snapshots at the destination, and ends its work when it is run again",
        arguments: Side.allCases, [FaultyStorage.Moment.before, .after])
    func sweep(side: Side, moment: FaultyStorage.Moment) throws {
        let (scene, prepared, all) = try Self.scene()
        for duration in Duration.allCases {
            var point = 1
            while true {
                let (near, far) = (scene.storage.duplicate(), prepared.duplicate())
                let faulty = FaultyStorage(side == .source ? near : far)
                let source = try scene.openOnce(side == .source ? faulty : near)
                let sibling = try scene.openOnce(side == .source ? far : faulty)
                faulty.reset(duration == .once ? .once(at: point) : .from(point), moment: moment)
                let reports = try? scene.sync(
                    source, to: [sibling], { _ in true }, Self.smallWindows)
                let isUntouched = faulty.faults == 0
                let present = try scene.openOnce(far)
                try scene.expectWhole(present)
                #expect(try present.check(reading: .all).damages == 0)
                let again = try scene.sync(
                    scene.openOnce(near), to: [scene.openOnce(far)], { _ in true },
                    Self.smallWindows)
                #expect(again[0].isComplete)
                let ids = try scene.openOnce(far).state.snapshots.map(\.id)
                #expect(ids == all)
                if reports?[0].isComplete ?? false { #expect(again[0].copied.isEmpty) }
                if isUntouched { break }
                point += duration == .once ? Self.stride : 3 * Self.stride
            }
            #expect(point > 12)
        }
    }

    /// A sibling that has the first of three snapshots.
    private static func scene() throws -> (Scene, MemoryStorage, [SnapshotID]) {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(1, seed: 41, files: 4)
        let storage = MemoryStorage(location: "sibling")
        try scene.sync(to: [scene.sibling(in: storage)])
        let more = try scene.takeSnapshots(2, seed: 42, files: 3)
        return (scene, storage, taken + more)
    }

    @Test("of two destinations one may fail: the other one gets everything, both in one reading")
    func twoDestinations() throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(3, seed: 43)
        let (near, far) = (MemoryStorage(location: "near"), MemoryStorage(location: "far"))
        let first = try scene.sibling(in: near)
        _ = try scene.sibling(in: far)
        let faulty = FaultyStorage(far)
        let second = try scene.openOnce(faulty)
        faulty.reset(.from(6))
        let counting = FaultyStorage(scene.storage)
        let source = try scene.openOnce(counting)
        counting.reset(.none)
        let reports = try scene.sync(source, to: [first, second])
        #expect(reports[0].isComplete && reports[1].failure != nil)
        try scene.expectCopy(near, of: taken)
        let calls = counting.calls
        _ = try scene.sync(to: [scene.openOnce(far)])
        try scene.expectCopy(far, of: taken)
        // The same in one reading costs the source no more calls than one of them.
        let both = FaultyStorage(scene.storage)
        let again = try scene.openOnce(both)
        both.reset(.none)
        try scene.sync(
            again,
            to: [
                scene.sibling(in: MemoryStorage(location: "3")),
                scene.sibling(in: MemoryStorage(location: "4")),
            ])
        #expect(both.calls <= calls + 2)
    }

    @Test("what was copied of a snapshot before an interruption is not copied again")
    func resumed() throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(1, seed: 44, files: 30)
        let storage = MemoryStorage(location: "sibling")
        _ = try scene.sibling(in: storage)
        let whole = try scene.sync(
            to: [scene.sibling(in: MemoryStorage(location: "other"))], { _ in true },
            Self.smallWindows)[0].counts
        let faulty = FaultyStorage(storage)
        // No manifest, so no commit.
        let hooked = HookedStorage(faulty, before: "put snapshots/") { faulty.reset(.from(1)) }
        let report = try scene.sync(
            to: [scene.openOnce(hooked)], { _ in true }, Self.smallWindows)[0]
        #expect(report.failure != nil && report.copied.isEmpty)
        let rest = try scene.sync(
            to: [scene.openOnce(storage)], { _ in true }, Self.smallWindows)[0]
        #expect(rest.copied == taken && rest.counts.bytes * 2 < whole.bytes)
        try scene.expectCopy(storage, of: taken)
    }

    @Test("a snapshot of which something is damaged at the source is passed over, and said")
    func damaged() throws {
        for contents in ["packs/data/", "packs/meta/"] {
            let scene = try Scene()
            var taken = try scene.takeSnapshots(1, seed: 45)
            let before = Set(scene.storage.contents.keys)
            taken += try scene.takeSnapshots(1, seed: 46)
            let new = scene.storage.contents.keys.filter {
                $0.hasPrefix(contents) && !before.contains($0)
            }
            for name in new { Harm.flipped.befall(name, in: scene.storage) }
            let storage = MemoryStorage(location: "sibling")
            let sibling = try scene.sibling(in: storage)
            let report = try scene.sync(
                scene.openOnce(scene.storage), to: [sibling])[0]
            #expect(report.copied == [taken[0]] && report.skipped.map(\.id) == [taken[1]])
            #expect(report.failure == nil && !report.isComplete)
            try scene.expectCopy(storage, of: [taken[0]])
            // What is known to be damaged is not even tried.
            let source = try scene.open()
            _ = try source.amend(taken[0]) { _ in .damage("a file") }
            let other = try scene.sibling()
            #expect(try scene.sync(source, to: [other])[0].copied.isEmpty)
        }
    }

    @Test(
        "what several snapshots share and cannot be read keeps all of them back, and no other",
        arguments: ["packs/data/", "packs/meta/"], [2, 1_000])
    func damagedAndShared(contents: String, window: Int) throws {
        let scene = try Scene()
        let repository = try scene.open()
        for name in ["d0/shared", "d0/other"] { try scene.write(name, noise(90_000, seed: 48)) }
        for index in 0..<60 { try scene.write("d0/f\(index)", noise(20, seed: UInt64(index))) }
        let first = try scene.snapshot(repository)
        let old = scene.storage.contents.keys.filter { $0.hasPrefix(contents) }
        // A directory that is met, and not walked any more once the other one cannot be read.
        try scene.write("d1/new", noise(60_000, seed: 49))
        for index in 0..<60 { try scene.write("d1/g\(index)", noise(20, seed: UInt64(99 + index))) }
        let second = try scene.snapshot(repository)
        for name in ["d0/shared", "d0/other"] { try scene.remove(name) }
        for index in 0..<60 { try scene.remove("d0/f\(index)") }
        let third = try scene.snapshot(repository)
        for name in old { Harm.flipped.befall(name, in: scene.storage) }
        let storage = MemoryStorage(location: "sibling")
        let sibling = try scene.sibling(in: storage)
        var options = SyncOptions()
        options.windowChunks = window
        let report = try scene.sync(
            scene.openOnce(scene.storage), to: [sibling], { _ in true }, options)[0]
        #expect(report.skipped.map(\.id) == [first, second] && report.copied == [third])
        try scene.expectCopy(storage, of: [third])
    }

    @Test(
        "what is not at the destination as it was written is noticed before anything names it",
        arguments: [nil] + Harm.allCases.map(Optional.some),
        [(readsBack: false, isFar: false), (true, false), (false, true), (true, true)])
    func verified(harm: Harm?, way: (readsBack: Bool, isFar: Bool)) throws {
        let readsBack = way.readsBack
        let scene = try Scene()
        let scratch = try ScratchDirectory()
        _ = try scene.takeSnapshots(1, seed: 50)
        let storage = MemoryStorage(location: "sibling")
        _ = try scene.sibling(in: storage)
        // The segments are read back first.
        let hooked = HookedStorage(storage, before: "get index/") {
            let packs = storage.contents.filter { $0.key.hasPrefix("packs/") }
                .sorted { $0.key < $1.key }
            if let harm {
                harm.befall(packs[0].key, in: storage)
            } else {
                // A whole pack, but another one.
                storage.overwrite(packs[0].key, packs[1].value)
            }
        }
        var options = SyncOptions()
        options.readsBack = readsBack
        // Of what is far this machine keeps what it has just written, as it was.
        let destination =
            way.isFar
            ? try scene.open(FarStorage(hooked, staging: scratch.path), machine: "far")
            : try scene.openOnce(hooked)
        let report = try scene.sync(to: [destination], { _ in true }, options)[0]
        // One bit in the midst of a frame shows only when everything is read back.
        let isSeen = readsBack || harm != .flipped
        #expect((report.failure != nil) == isSeen && report.copied.isEmpty == isSeen)
        guard isSeen else { return }
        #expect(try scene.openOnce(storage).state.snapshots.isEmpty)
        #expect(!storage.contents.keys.contains { $0.hasPrefix("index/") })
    }

    @Test("what is lost on one side is had from the other one", arguments: Side.allCases)
    func heals(side: Side) throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(2, seed: 40)
        let storage = MemoryStorage(location: "sibling")
        try scene.sync(to: [scene.sibling(in: storage)])
        let harmed = side == .source ? scene.storage : storage
        for name in harmed.contents.keys where name.hasPrefix("packs/") {
            Harm.flipped.befall(name, in: harmed)
        }
        let other = try scene.openOnce(side == .source ? storage : scene.storage)
        let repository = try scene.open(harmed, machine: "repair")
        let report = try repository.repairPacks(from: other)
        #expect(report.chunksFetched > 0 && report.chunksMissing == 0)
        let healed = try scene.openOnce(harmed)
        try scene.expectWhole(healed)
        #expect(try healed.check(reading: .all).damages == 0)
        // A sync goes on from there.
        try scene.sync(to: [scene.openOnce(storage)])
        #expect(try scene.openOnce(storage).state.snapshots.map(\.id) == taken)
    }

    @Test(
        "where the source has another copy of what is damaged, that one goes over",
        arguments: [false, true])
    func otherCopy(isLater: Bool) throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(1, seed: 47)
        let lists = scene.storage.contents.keys.filter { $0.hasPrefix("packs/") }
        let other = try scene.sibling()
        try scene.sync(to: [other])
        // Everything is there twice, and whichever of the two is damaged the other one serves.
        let source = try scene.open()
        let written = try WriteSession.run(source) { session in
            var writer = try ChunkWriter(session)
            var reader = try ChunkReader(source)
            for id in source.state.segments {
                for pack in try source.segment(id).packs {
                    for chunk in pack.table.frames.flatMap(\.chunks) {
                        try reader.load(chunk.id) {
                            try writer.addFull($0, id: chunk.id, pack.table.contents)
                        }
                    }
                }
            }
            try writer.flush()
            session.keep()
            return try session.finish()
        }
        try source.append { _ in .condemn(Condemnation(objects: [], replacements: written)) }
        let later = scene.storage.contents.keys.filter {
            $0.hasPrefix("packs/") && !lists.contains($0)
        }
        for name in isLater ? later : lists { Harm.flipped.befall(name, in: scene.storage) }
        let storage = MemoryStorage(location: "third")
        let third = try scene.sibling(in: storage)
        #expect(try scene.sync(scene.openOnce(scene.storage), to: [third])[0].isComplete)
        try scene.expectCopy(storage, of: taken)
    }
}
