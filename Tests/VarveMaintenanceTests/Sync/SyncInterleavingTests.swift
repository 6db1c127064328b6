import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

/// Somebody else runs as a whole before each storage call of a sync, in turn.
@Suite("A sync and others, interleaved")
struct SyncInterleavingTests {
    enum Actor: CaseIterable { case snapshot, forgetAndPrune, rotate }

    private static var immediate: PruneOptions {
        var options = PruneOptions()
        (options.isImmediate, options.unusedMax) = (true, .percent(0))
        return options
    }

    /// A sibling that lacks one of two snapshots, and holds what of it nobody needs there.
    private static func scene() throws -> (Scene, MemoryStorage) {
        let scene = try Scene()
        let storage = MemoryStorage(location: "sibling")
        _ = try scene.sibling(in: storage)
        _ = try scene.takeSnapshots(2, seed: 51, files: 5)
        let sibling = try scene.open(storage, machine: "prepare")
        try scene.sync(to: [sibling])
        try sibling.append { .forget([$0.snapshots[1].id]) }
        _ = try scene.takeSnapshots(1, seed: 52, files: 4)
        return (scene, storage)
    }

    private static func act(_ actor: Actor, _ repository: Repository, _ scene: Scene) throws {
        switch actor {
        case .snapshot: try scene.snapshot(repository)
        case .forgetAndPrune:
            try repository.append { state in
                state.snapshots.first.map { .forget([$0.id]) }
            }
            for _ in 0..<2 { _ = try repository.prune(Self.immediate) }
        case .rotate:
            _ = try repository.rotateKeys()
            var options = Self.immediate
            options.reseals = true
            for _ in 0..<2 { _ = try repository.prune(options) }
        }
    }

    @Test(
        "everything that is committed at the destination is whole",
        arguments: SyncFaultTests.Side.allCases, Actor.allCases)
    func interleaved(side: SyncFaultTests.Side, actor: Actor) throws {
        let (scene, prepared) = try Self.scene()
        let box = Unchecked(scene)
        var count = 0
        while true {
            let (near, far) = (scene.storage.duplicate(), prepared.duplicate())
            let place = side == .source ? near : far
            let other = try scene.open(place, machine: "other\(count)")
            let hooked = HookedStorage(place, before: "", after: count) {
                try? Self.act(actor, other, box.value)
            }
            let source = try scene.openOnce(side == .source ? hooked : near)
            let sibling = try scene.openOnce(side == .source ? far : hooked)
            var options = SyncOptions()
            options.windowChunks = count % 2 == 0 ? 2 : 1_000
            let report = Result { try scene.sync(source, to: [sibling], { _ in true }, options) }
            #expect(throws: Never.self) { try report.get() }
            let present = try scene.openOnce(far)
            try scene.expectWhole(present)
            #expect(try present.check(reading: .all).damages == 0)
            // Once nobody interferes everything comes over.
            let later = try scene.openOnce(near)
            let again = try scene.sync(later, to: [scene.openOnce(far)])
            #expect(again[0].isComplete)
            let there = Set(try scene.openOnce(far).state.snapshots.map(\.id))
            #expect(there.isSuperset(of: later.state.snapshots.map(\.id)))
            if hooked.isWaiting { break }
            count += 1
        }
        #expect(count > 20)
    }
}
