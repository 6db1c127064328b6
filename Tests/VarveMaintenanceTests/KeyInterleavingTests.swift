import TestSupport
import Testing
import VarveCodec
import VarveFormat
import VarveRepository
import VarveStorage

@testable import VarveMaintenance

/// One actor runs as a whole before each storage call of another one, in turn.
@Suite("Changes of keys beside others, interleaved")
struct KeyInterleavingTests {
    private func scene() throws -> Scene {
        var random = SeededNumbers(17)
        let scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/a", random.bytes(60_000))
        try scene.snapshot(repository)
        _ = try repository.rotateKeys()
        try scene.write("d0/b", random.bytes(60_000))
        return scene
    }

    /// Runs `other` before each call of `actor` in turn, and `judge` after both.
    private func interleave(
        _ scene: Scene, every step: Int = 1, _ actor: (Repository) throws -> Void,
        with other: @escaping @Sendable (Repository) -> Void
    ) throws {
        var count = 0
        while true {
            let storage = scene.storage.duplicate()
            let second = try scene.openOnce(storage)
            let hooked = HookedStorage(storage, before: "", after: count) { other(second) }
            let first = try scene.open(hooked, machine: "first\(count)")
            try actor(first)
            // It must not run within what follows.
            let isOver = hooked.run()
            try first.refresh()
            try second.refresh()
            let after = try scene.openOnce(storage)
            try scene.expectWhole(after)
            #expect(try Checked(scene.openOnce(storage), reading: .all).damaged.isEmpty)
            #expect(first.keys.current == after.keys.current)
            #expect(second.keys.current == after.keys.current)
            if isOver { break }
            count += TestRun.isLong ? 1 : step
        }
        #expect(count > 5)
    }

    private static func rotateAndSnapshot(_ repository: Repository, _ scene: Scene) {
        do {
            _ = try repository.rotateKeys()
            try scene.snapshot(repository)
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test("a snapshot is taken, wherever in it the keys are rotated")
    func snapshot() throws {
        let scene = try scene()
        try interleave(scene) { repository in
            let before = repository.state.snapshots.count
            try scene.snapshot(repository)
            #expect(repository.state.snapshots.count == before + 1)
        } with: {
            _ = try? $0.rotateKeys()
        }
    }

    @Test("the keys are rotated, wherever in it a snapshot is taken")
    func rotation() throws {
        let scene = try scene()
        let box = Unchecked(scene)
        try interleave(scene) {
            _ = try $0.rotateKeys()
        } with: { other in
            do {
                try box.value.snapshot(other)
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test("of two rotations both stand")
    func rotations() throws {
        let scene = try scene()
        try interleave(scene) { repository in
            let epochs = try repository.rotateKeys()
            #expect(epochs >= 3)
        } with: { other in
            #expect((try? other.rotateKeys()) != nil)
        }
    }

    @Test("what is sealed anew is whole, wherever in it the keys are rotated and a snapshot taken")
    func resealing() throws {
        let scene = try scene()
        let box = Unchecked(scene)
        var options = PruneOptions()
        options.reseals = true
        options.isImmediate = true
        try interleave(scene, every: 3) { [options] in
            _ = try $0.prune(options)
        } with: {
            Self.rotateAndSnapshot($0, box.value)
        }
    }

    @Test("a check finds nothing wrong, wherever in it the keys are rotated and a snapshot taken")
    func check() throws {
        let scene = try scene()
        let box = Unchecked(scene)
        try interleave(scene, every: 3) {
            let findings = try $0.check(reading: .all).findings
            #expect(findings == [])
        } with: {
            Self.rotateAndSnapshot($0, box.value)
        }
    }

    @Test("repairs mend, wherever in them the keys are rotated and a snapshot pinned")
    func repairs() throws {
        let scene = try scene()
        let state = try scene.open().state
        for id in state.segments.prefix(1) {
            Harm.removed.befall(ObjectName.segment(id), in: scene.storage)
        }
        try interleave(scene, every: 3) {
            _ = try $0.repairIndex()
            _ = try $0.repairPacks()
            _ = try $0.repairSnapshots()
        } with: { other in
            do {
                _ = try other.rotateKeys()
                for entry in other.state.snapshots {
                    _ = try other.amend(entry.id) { _ in .pin(true) }
                }
            } catch {
                Issue.record("\(error)")
            }
        }
    }
}
