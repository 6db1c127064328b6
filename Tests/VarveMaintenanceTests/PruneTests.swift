import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage

@testable import VarveMaintenance

@Suite("Prune")
struct PruneTests {
    private let week = 8 * Scene.day

    @Test(
        "keeps every live snapshot whole, whatever is forgotten when, and frees what nobody needs",
        arguments: 1...6)
    func random(seed: Int) throws {
        var random = SeededNumbers(UInt64(seed))
        let scene = try Scene()
        let repository = try scene.open()
        for _ in 0..<12 {
            try scene.change(&random)
            try scene.snapshot(repository)
            scene.pass(seconds: Int64(random.number(60...Int(3 * Scene.day))))
            let entries = repository.state.snapshots
            let gone = entries.filter { _ in random.below(3) == 0 }
            try repository.append { _ in .forget(gone.map(\.id)) }
            guard random.flag() else { continue }
            var options = PruneOptions()
            options.isImmediate = random.flag()
            options.unusedMax = random.element([.percent(0), .percent(5), .unlimited])
            options.rewrittenBytesMax = random.element([nil, 100_000])
            _ = try (random.flag() ? repository : scene.open(machine: "two")).prune(options)
            try repository.refresh()
            try scene.expectWhole()
        }
        try scene.change(&random)
        try scene.snapshot(repository)
        let last = try #require(repository.state.snapshots.last).id
        try repository.append { .forget($0.snapshots.map(\.id).filter { $0 != last }) }
        var options = PruneOptions()
        options.unusedMax = .percent(0)
        for _ in 0..<4 {
            scene.pass(seconds: week)
            _ = try repository.prune(options)
            try scene.expectWhole()
        }
        let plan = try repository.planPrune(options)
        #expect(plan.packs.allSatisfy { $0.fate == .stays && $0.bytesUsed == $0.bytes })
        #expect(plan.condemned.isEmpty && plan.swept.isEmpty)
        // Nothing is left that a snapshot of the same tree would not have stored.
        let manifests = scene.storage.contents.keys.filter { $0.hasPrefix(ObjectName.snapshots) }
        #expect(manifests.count == 1)
    }

    @Test("waits for the grace period, and takes back what is needed after all")
    func grace() throws {
        var random = SeededNumbers(1)
        let scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/f0", random.bytes(200_000))
        let first = try scene.snapshot(repository)
        // It has looked at the log before anything was condemned, and so relies on it.
        let writer = try scene.open(machine: "writer")
        try repository.append { _ in .forget([first]) }
        let whole = scene.packBytes
        let condemned = try repository.prune(PruneOptions())
        #expect(condemned.packsCondemned > 0 && condemned.packsSwept == 0)
        #expect(scene.packBytes == whole)
        scene.pass(seconds: 6 * Scene.day)
        #expect(try repository.prune(PruneOptions()).packsSwept == 0)
        scene.pass(seconds: 2 * Scene.day)
        let swept = try repository.prune(PruneOptions())
        #expect(swept.packsSwept == condemned.packsCondemned)
        #expect(swept.bytesSwept > whole)
        #expect(scene.packBytes == 0)
        try scene.snapshot(writer)
        try scene.expectWhole()
    }

    @Test("revives a condemned pack that a snapshot came to need, which it had relied on before")
    func revived() throws {
        var random = SeededNumbers(2)
        let scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/f0", random.bytes(200_000))
        let first = try scene.snapshot(repository)
        let other = try scene.open(machine: "other")
        // While the writer reads, the only snapshot is forgotten and its packs are condemned.
        let hooked = HookedStorage(scene.storage, before: "put snapshots/") {
            _ = try? other.append { _ in .forget([first]) }
            _ = try? other.prune(PruneOptions())
        }
        try scene.write("d0/f1", random.bytes(5_000))
        let id = try scene.snapshot(scene.open(hooked, machine: "writer"))
        try other.refresh()
        #expect(!other.state.condemned.isEmpty)
        scene.pass(seconds: week)
        let report = try other.prune(PruneOptions())
        #expect(report.packsRevived > 0)
        #expect(try scene.open().state.snapshots.map(\.id) == [id])
        try scene.expectWhole()
    }

    @Test("leaves alone what a running writer has stored, and takes what a crashed one left")
    func orphans() throws {
        var random = SeededNumbers(3)
        let scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/f0", random.bytes(50_000))
        try scene.snapshot(repository)
        let name = try #require(
            scene.storage.contents.keys.first { $0.hasPrefix("packs/data/") })
        let bytes = try #require(scene.storage.contents[name])
        let orphan = ObjectName.pack(try #require(PackID(random.bytes(32))), .data)
        try scene.storage.put(orphan, bytes + [0])
        var options = PruneOptions()
        options.isImmediate = true
        scene.pass(seconds: 3_600)
        #expect(try repository.prune(options).packsCondemned == 0)
        scene.pass(seconds: Scene.day)
        // Not named by the log, it has its time even when others have not.
        #expect(try repository.prune(options).packsCondemned == 1)
        #expect(scene.storage.contents[orphan] != nil)
        scene.pass(seconds: week)
        #expect(try repository.prune(PruneOptions()).packsSwept == 1)
        #expect(scene.storage.contents[orphan] == nil)
        try scene.expectWhole()
    }

    @Test("condemns nothing when a tree cannot be read, or a chunk is nowhere")
    func damage() throws {
        var random = SeededNumbers(4)
        let scene = try Scene()
        let repository = try scene.open()
        for round in 0..<2 {
            try scene.write("d0/f\(round)", random.bytes(50_000))
            try scene.snapshot(repository)
        }
        try repository.append { .forget([$0.snapshots[0].id]) }
        for kind in ["packs/meta/", "packs/data/"] {
            let whole = scene.storage.duplicate()
            let number = repository.state.number
            for name in whole.contents.keys where name.hasPrefix(kind) { whole.removeQuietly(name) }
            let damaged = try scene.open(whole, machine: kind.replacing("/", with: "-"))
            let before = whole.contents
            #expect(throws: RepositoryError.self) { try damaged.prune(PruneOptions()) }
            #expect(Set(whole.contents.keys) == Set(before.keys))
            #expect(damaged.state.number == number)
        }
    }

    @Test("condemns nothing when a manifest is gone, though what it refers to is remembered")
    func manifest() throws {
        let scene = try Scene()
        let repository = try scene.open()
        for name in ["d0/a", "d0/b"] {
            try scene.write(name, Array(name.utf8))
            try scene.snapshot(repository)
        }
        // Each has a second manifest, which no record names any more.
        _ = try repository.rotateKeys()
        var options = PruneOptions()
        options.reseals = true
        _ = try repository.prune(options)
        scene.pass(seconds: 2 * Scene.day)
        let whole = scene.storage.contents
        let name = ObjectName.manifest(repository.state.snapshots[0].manifest)
        scene.storage.removeQuietly(name)
        #expect(throws: RepositoryError.self) { try repository.prune(PruneOptions()) }
        #expect(scene.storage.contents == whole.filter { $0.key != name })
        scene.storage.overwrite(name, try #require(whole[name]))
        _ = try repository.prune(PruneOptions())
        #expect(repository.state.condemned.count { $0.object.manifest != nil } == 2)
        try scene.expectWhole()
    }

    @Test("sweeps what a record condemned that is lost, a grace period after the one behind it")
    func lostRecord() throws {
        let scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/a", [1, 2, 3])
        try scene.snapshot(repository)
        try repository.append { .forget($0.snapshots.map(\.id)) }
        let number = repository.state.number
        #expect(try repository.prune(PruneOptions()).packsCondemned == 2)
        scene.pass(seconds: 5 * Scene.day)
        while repository.state.number <= 70 { try repository.append { _ in .forget([]) } }
        for suffix in ["", ".copy"] {
            scene.storage.removeQuietly(ObjectName.record(number) + suffix)
        }
        let fresh = try scene.open(machine: "fresh")
        scene.pass(seconds: 4 * Scene.day)
        #expect(try fresh.prune(PruneOptions()).packsSwept == 0)
        scene.pass(seconds: 4 * Scene.day)
        #expect(try fresh.prune(PruneOptions()).packsSwept == 2)
    }

    @Test("takes a base together with the only deltas on it")
    func bases() throws {
        var random = SeededNumbers(10)
        let scene = try Scene()
        let repository = try scene.open()
        var bytes = random.bytes(200_000)
        for place in 1...2 {
            try scene.write("d0/f", bytes)
            try scene.snapshot(repository)
            bytes[place * 9_000] ^= 1
        }
        try scene.remove("d0/f")
        try scene.write("d0/g", random.bytes(1_000))
        try scene.snapshot(repository)
        #expect(try repository.statistics().bytesSimilar > 0)
        try repository.append { .forget($0.snapshots.prefix(2).map(\.id)) }
        let data = try repository.planPrune(PruneOptions()).packs.filter { $0.contents == .data }
        #expect(data.map(\.fate).filter { $0 == .goes }.count == 2)
        #expect(!data.contains { $0.fate == .rewritten })
        #expect(try repository.prune(PruneOptions()).bytesCondemned > 200_000)
        try scene.expectWhole()
    }

    @Test(
        "sweeps no base before the deltas on it are condemned, for somebody may come to need them")
    func basesLast() throws {
        var random = SeededNumbers(12)
        let scene = try Scene()
        let repository = try scene.open()
        var bytes = random.bytes(200_000)
        try scene.write("d0/f", bytes)
        try scene.snapshot(repository)
        let base = try #require(
            repository.planPrune(PruneOptions()).packs.first {
                $0.contents == .data
            })
        bytes[9_000] ^= 1
        try scene.write("d0/f", bytes)
        try scene.snapshot(repository)
        try repository.append { .forget($0.snapshots.map(\.id)) }
        // As a prune leaves it that ended between two records.
        let object = ObjectReference(base.id, .data)
        try repository.append { _ in .condemn(Condemnation(objects: [object])) }
        scene.pass(seconds: week)
        let plan = try repository.planPrune(PruneOptions())
        #expect(plan.packs.first { $0.id == base.id }?.fate == .revived)
        for _ in 0..<3 {
            _ = try repository.prune(PruneOptions())
            scene.pass(seconds: week)
        }
        #expect(scene.packBytes == 0)
    }

    @Test("on a full disk removes what goes as it is, and writes nothing anew")
    func full() throws {
        var random = SeededNumbers(8)
        let scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/gone", random.bytes(300_000))
        try scene.snapshot(repository)
        try scene.remove("d0/gone")
        for round in 0..<2 {
            try scene.write("d0/f\(round)", random.bytes(100_000))
            try scene.write("d0/g", random.bytes(100_000))
            try scene.snapshot(repository)
        }
        try repository.append { .forget($0.snapshots.dropLast().map(\.id)) }
        let full = try scene.open(FullStorage(scene.storage), machine: "full")
        var options = PruneOptions()
        options.unusedMax = .percent(0)
        options.isImmediate = true
        let report = try full.prune(options)
        #expect(report.isFull && report.bytesWritten == 0)
        #expect(report.packsSwept > 0 && report.bytesSwept > 300_000)
        try scene.expectWhole()
        // With room the rest goes, too.
        let later = try scene.open(machine: "later").prune(options)
        #expect(!later.isFull && later.bytesWritten > 0)
        try scene.expectWhole()
    }

    @Test("moves what somebody reads: it is found at its new place")
    func reader() throws {
        var random = SeededNumbers(6)
        let scene = try Scene()
        let repository = try scene.open()
        for _ in 0..<9 {
            try scene.change(&random)
            try scene.snapshot(repository)
        }
        try repository.append { .forget($0.snapshots.dropLast(2).map(\.id)) }
        let reader = try scene.open(machine: "reader")
        _ = try reader.statistics()
        var options = PruneOptions()
        options.isImmediate = true
        options.unusedMax = .percent(0)
        let report = try repository.prune(options)
        #expect(report.packsSwept > 0 && report.bytesWritten > 0)
        #expect(reader.state.number < repository.state.number)
        try scene.expectWhole(reader)
    }

    @Test("does what its plan says, and the plan changes nothing", arguments: [false, true])
    func planned(immediate: Bool) throws {
        var random = SeededNumbers(5)
        let scene = try Scene()
        let repository = try scene.open()
        for _ in 0..<10 {
            try scene.change(&random)
            try scene.snapshot(repository)
            scene.pass(seconds: 3_600)
        }
        try repository.append { .forget($0.snapshots.dropLast(2).map(\.id)) }
        // Some of it is condemned already, and what a crashed writer left is in no segment.
        _ = try repository.prune(PruneOptions())
        try repository.append { .forget([$0.snapshots[0].id]) }
        let orphan = ObjectName.pack(try #require(PackID(random.bytes(32))), .data)
        try scene.storage.put(orphan, [1, 2, 3])
        scene.pass(seconds: 3 * Scene.day)
        let before = scene.storage.contents
        var options = PruneOptions()
        options.isImmediate = immediate
        options.unusedMax = .percent(0)
        let plan = try repository.planPrune(options)
        #expect(Set(scene.storage.contents.keys) == Set(before.keys))
        let report = try repository.prune(options)
        #expect(report.packsCondemned == plan.packsCondemned)
        #expect(report.packsCondemned > 1)
        #expect(report.packsSwept == plan.packsRemoved)
        #expect(report.packsLater == plan.packsLater)
        #expect((report.packsSwept > report.packsCondemned) == immediate)
        // The orphan.
        #expect(!immediate || report.packsLater == 1)
        #expect(report.bytesCondemned == plan.bytesCondemned)
        #expect(report.bytesSwept == plan.bytesSwept)
        try scene.expectWhole()
    }

    @Test("removes old states, and no other machine notices")
    func states() throws {
        var random = SeededNumbers(1)
        let scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/f0", random.bytes(20_000))
        let id = try scene.snapshot(repository)
        for number in 0..<(64 * 11) {
            try repository.append { _ in
                .amend(Amendment(snapshot: id, change: .description("\(number)")))
            }
        }
        let states = { scene.storage.contents.keys.filter { $0.hasPrefix(ObjectName.states) } }
        #expect(states().count == 11)
        scene.pass(seconds: 3600)
        _ = try repository.prune(PruneOptions())
        #expect(states().count == 11)
        scene.pass(seconds: 2 * Scene.day)
        _ = try repository.prune(PruneOptions())
        #expect(states().count == 2)
        let other = try scene.open(machine: "other")
        #expect(other.state == repository.state)
        #expect(try other.check(reading: .none).findings.isEmpty)
        // One of them is enough, whichever is lost, and with neither the log is read from its start.
        for name in states().sorted() {
            scene.storage.removeQuietly(name)
            #expect(try scene.open().state == repository.state)
            #expect(try scene.open(machine: "without-\(name.suffix(8))").state == repository.state)
        }
    }

    @Test("forgets what it swept once no segment names it")
    func dropping() throws {
        var random = SeededNumbers(1)
        let scene = try Scene()
        let repository = try scene.open()
        for _ in 0..<3 {
            for _ in 0..<20 {
                try scene.change(&random, files: 2)
                try scene.snapshot(repository)
                scene.pass(seconds: 3600)
            }
            let last = try #require(repository.state.snapshots.last).id
            try repository.append { .forget($0.snapshots.map(\.id).filter { $0 != last }) }
            for _ in 0..<3 {
                _ = try repository.prune(PruneOptions())
                scene.pass(seconds: week)
            }
            try scene.expectWhole()
        }
        // Those of the last turn still are.
        #expect(repository.state.swept.count < 60)
        #expect(repository.state.segments.count < 20)
    }
}
