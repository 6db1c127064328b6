import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

/// One actor runs as a whole before each storage call of another one, in turn.
@Suite("Writers and maintenance, interleaved")
struct InterleavingTests {
    private static let options = {
        var options = PruneOptions()
        options.isImmediate = true
        options.unusedMax = .percent(0)
        return options
    }()

    /// A snapshot whose tree is the one that the next snapshot finds, and one of another tree.
    private func scene() throws -> (scene: Scene, needed: SnapshotID) {
        var random = SeededNumbers(11)
        let scene = try Scene()
        let repository = try scene.open()
        for name in ["d0/a", "d0/b", "d1/c"] { try scene.write(name, random.bytes(60_000)) }
        let needed = try scene.snapshot(repository)
        var changed = try #require(scene.contents[needed]?["d0/a"])
        try scene.write("d0/a", random.bytes(50_000))
        try scene.snapshot(repository)
        // Like what was there, so that it becomes a delta; its base is forgotten with the first.
        changed[100] ^= 1
        try scene.write("d0/a", changed)
        return (scene, needed)
    }

    @Test("a snapshot is whole or not there, wherever in it all that it relies on is forgotten")
    func writer() throws {
        let (scene, _) = try scene()
        var count = 0
        while true {
            let storage = scene.storage.duplicate()
            let maintenance = try scene.open(storage, machine: "maintenance\(count)")
            let hooked = HookedStorage(storage, before: "", after: count) {
                _ = try? maintenance.append { .forget($0.snapshots.map(\.id)) }
                for _ in 0..<2 { _ = try? maintenance.prune(Self.options) }
            }
            let writer = try scene.open(hooked, machine: "writer\(count)")
            _ = try scene.snapshot(writer)
            try scene.expectWhole(scene.open(storage, machine: "reader\(count)"))
            if hooked.isWaiting { break }
            _ = try maintenance.prune(Self.options)
            let state = try scene.open(storage, machine: "after\(count)").state
            #expect(state.snapshots.count <= 1)
            try scene.expectWhole(scene.open(storage, machine: "end\(count)"))
            count += 1
        }
        #expect(count > 10)
    }

    @Test("a prune removes nothing that a snapshot has come to need, wherever in it that is taken")
    func pruner() throws {
        let (scene, needed) = try scene()
        let repository = try scene.open()
        // What the next snapshot needs is in nobody's use, and partly condemned already.
        try repository.append { .forget($0.snapshots.map(\.id).filter { $0 != needed }) }
        _ = try repository.prune(PruneOptions())
        try repository.append { .forget($0.snapshots.map(\.id)) }
        var count = 0
        while true {
            let storage = scene.storage.duplicate()
            let writer = try scene.open(storage, machine: "writer\(count)")
            let taken = Taken()
            let (scene, machine) = (Unchecked(scene), "maintenance\(count)")
            let hooked = HookedStorage(storage, before: "", after: count) {
                taken.result = Result { try scene.value.snapshot(writer) }
            }
            let report = Result {
                try scene.value.open(hooked, machine: machine).prune(Self.options)
            }
            _ = try report.get()
            try scene.value.expectWhole(scene.value.open(storage, machine: "reader\(count)"))
            guard let result = taken.result else { break }
            let id = try result.get()
            for _ in 0..<2 {
                _ = try scene.value.open(storage, machine: machine).prune(Self.options)
            }
            let after = try scene.value.open(storage, machine: "after\(count)")
            #expect(after.state.snapshots.map(\.id) == [id])
            try scene.value.expectWhole(after)
            count += 1
        }
        #expect(count > 20)
    }

    @Test("a snapshot that was begun before all that commits wherever in a prune: it is whole")
    func begunBefore() throws {
        let (scene, _) = try scene()
        let box = Unchecked(scene)
        var count = 0
        var isOver = false
        while !isOver {
            let storage = scene.storage.duplicate()
            let (reached, go) = (BoundedQueue<Int>(capacity: 1), BoundedQueue<Int>(capacity: 1))
            let done = BoundedQueue<Int>(capacity: 1)
            // It has read everything and relies on what was stored, and is about to commit.
            let paused = HookedStorage(storage, before: "put snapshots/") {
                reached.put(1)
                _ = go.take()
            }
            let writer = try scene.open(paused, machine: "writer\(count)")
            let taken = Taken()
            let thread = try WorkerThreads.start(count: 1) { _ in
                taken.result = Result { try box.value.snapshot(writer) }
                // Nobody waits any more for what may have failed before it came there.
                reached.close()
                done.put(1)
            }
            _ = reached.take()
            let hooked = HookedStorage(storage, before: "", after: count) {
                go.put(1)
                _ = done.take()
            }
            let maintenance = try scene.open(hooked, machine: "maintenance\(count)")
            try maintenance.append { .forget($0.snapshots.map(\.id)) }
            _ = try maintenance.prune(Self.options)
            isOver = hooked.isWaiting
            if isOver { go.put(1) }
            try thread.join()
            let id = try #require(taken.result).get()
            _ = try scene.open(storage, machine: "again\(count)").prune(Self.options)
            let after = try scene.open(storage, machine: "after\(count)")
            #expect(after.state.snapshots.map(\.id) == [id] || after.state.snapshots.isEmpty)
            try scene.expectWhole(after)
            count += 1
        }
        #expect(count > 20)
    }

    @Test("a prune finds no damage, wherever in it another one sweeps what was forgotten meanwhile")
    func prunes() throws {
        let (scene, needed) = try scene()
        var count = 0
        var isOver = false
        while !isOver {
            let storage = scene.storage.duplicate()
            let other = try scene.open(storage, machine: "other\(count)")
            // One that has counted before, and one that begins with nothing.
            let machine = "prune\(count)"
            if count.isMultiple(of: 2) {
                _ = try scene.open(storage, machine: machine).planPrune(PruneOptions())
            }
            let hooked = HookedStorage(storage, before: "", after: count / 2) {
                do {
                    try other.append { _ in .forget([needed]) }
                    for _ in 0..<2 { _ = try other.prune(Self.options) }
                } catch {
                    Issue.record("\(error)")
                }
            }
            _ = try scene.open(hooked, machine: machine).prune(Self.options)
            isOver = hooked.isWaiting
            try scene.expectWhole(try scene.open(storage, machine: "after\(count)"))
            count += 1
        }
        #expect(count > 40)
    }

    /// Touched by one thread at a time: the hook runs within the call.
    private final class Taken: @unchecked Sendable {
        var result: Result<SnapshotID, any Error>?
    }
}
