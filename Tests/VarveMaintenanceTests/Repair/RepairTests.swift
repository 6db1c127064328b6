import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

/// Anything but keys is damaged, then every repair runs, in order.
@Suite("All repairs together")
struct RepairTests {
    /// Snapshots of which some share much, one was forgotten, and one pruned.
    private static func scene(_ random: inout SeededNumbers) throws -> Scene {
        let scene = try Scene()
        let repository = try scene.open()
        for round in 0..<5 {
            try scene.change(&random)
            try scene.snapshot(repository)
            scene.pass(seconds: Scene.day)
            if round == 2 { try repository.append { .forget([$0.snapshots[0].id]) } }
        }
        var options = PruneOptions()
        options.unusedMax = .percent(0)
        _ = try repository.prune(options)
        return scene
    }

    /// Chooses by kind, age and length, since the names are others in every run; says what it did.
    private static func damage(
        _ storage: MemoryStorage, _ random: inout SeededNumbers, objects count: Int
    ) throws -> String {
        let objects = try storage.list("", after: nil).filter { object in
            !object.name.hasPrefix("keys/") && !object.name.hasPrefix("keyrings/")
                && !object.name.hasPrefix("probe/")
        }.sorted { one, other in
            func rank(_ object: StoredObject) -> (Substring, Int64, Int, String) {
                (object.name.prefix { $0 != "/" }, object.modified, object.bytes, object.name)
            }
            return rank(one) < rank(other)
        }
        return (0..<count).map { _ in
            let index = random.below(objects.count)
            let harm = Harm.allCases[random.below(3)]
            for suffix in ["", ".copy"] { harm.befall(objects[index].name + suffix, in: storage) }
            return "\(index) \(objects[index].name) \(harm)"
        }.joined(separator: ", ")
    }

    /// On the machine that took the snapshots, which knows how far the log went.
    private static func repair(
        _ scene: Scene, _ storage: any Storage, machine: String = "one"
    ) throws {
        _ = try scene.repairLog(of: storage, machine: machine)
        func open() throws -> Repository { try scene.open(storage, machine: machine) }
        _ = try open().repairIndex()
        _ = try open().repairPacks()
        _ = try open().repairSnapshots()
    }

    @Test(
        "leave nothing damaged but what they say, and that heals with a new snapshot",
        arguments: 1...(TestRun.isLong ? 300 : 8))
    func anything(seed: Int) throws {
        var random = SeededNumbers(UInt64(seed))
        let scene = try Self.scene(&random)
        let before = try scene.open().state.snapshots
        let manifests = Dictionary(
            uniqueKeysWithValues: before.map {
                ($0.id, scene.storage.contents[ObjectName.manifest($0.manifest)])
            })
        let harm = try Self.damage(scene.storage, &random, objects: random.number(1...6))
        try Self.repair(scene, scene.storage)
        let repaired = try scene.open(machine: randomName())
        // Of a snapshot whose record and manifest are both gone nothing is left to be kept.
        let left = before.filter { entry in
            scene.storage.contents[ObjectName.manifest(entry.manifest)] == manifests[entry.id]
        }
        #expect(
            Set(left.map(\.id)).isSubset(of: repaired.state.snapshots.map(\.id)),
            "a snapshot is gone after \(harm)")
        let checked = try Checked(scene.storage, of: scene, reading: .all)
        let marked = repaired.state.snapshots.filter { !$0.damage.isEmpty }
        let hits = checked.hits(in: scene).filter { $0.value != ["stat list"] }
        #expect(Set(hits.keys) == Set(marked.map(\.id)), "after \(harm)")
        if hits.isEmpty { try scene.expectWhole() }
        // Running them again changes nothing.
        let head = repaired.state.number
        try Self.repair(scene, scene.storage)
        #expect(try scene.open(machine: randomName()).state.number == head, "after \(harm)")
        // The snapshot of what is there now is whole.
        let repository = try scene.open(machine: randomName())
        let new = try scene.snapshot(repository)
        try repository.append { state in
            .forget(state.snapshots.map(\.id).filter { $0 != new })
        }
        try scene.expectWhole()
        let after = try Checked(scene.storage, of: scene, reading: .all)
        #expect(!after.report.isDamaged, "\(after.report.findings) after \(harm)")
        // And what nothing needs goes, as always.
        var options = PruneOptions()
        options.isImmediate = true
        _ = try scene.open(machine: randomName()).prune(options)
        try scene.expectWhole()
    }

    @Test(
        "may fail at any call, and mend the same when they are run again",
        arguments: zip([true, false], [FaultyStorage.Moment.before, .after]))
    func faults(isTransient: Bool, moment: FaultyStorage.Moment) throws {
        var random = SeededNumbers(7)
        let scene = try Self.scene(&random)
        // Of the data nothing is lost: it can all be had.
        let state = try scene.open().state
        for suffix in ["", ".copy"] {
            Harm.removed.befall(ObjectName.record(4) + suffix, in: scene.storage)
        }
        for id in state.segments.suffix(2) {
            Harm.flipped.befall(ObjectName.segment(id), in: scene.storage)
        }
        let packs = scene.storage.contents.keys.filter { $0.hasPrefix("packs/data/") }.sorted()
        for name in packs.prefix(2) {
            var bytes = scene.storage.contents[name] ?? []
            // The table of contents alone.
            bytes[bytes.count - 30] ^= 1
            scene.storage.overwrite(name, bytes)
        }
        let error = StorageError(.failed, "a test", "made to fail", transient: isTransient)
        var (point, step) = (1, TestRun.isLong ? 1 : 90)
        while true {
            let storage = scene.storage.duplicate()
            let faulty = FaultyStorage(
                storage, .once(at: point), moment: moment, error: error)
            let outcome = Result { try Self.repair(scene, faulty, machine: randomName()) }
            if faulty.faults == 0 { step = 0 }
            if step == 0 { try outcome.get() }
            try Self.repair(scene, storage, machine: randomName())
            let repository = try scene.open(storage, machine: randomName())
            for entry in state.snapshots {
                let now = repository.state.snapshots.first { $0.id == entry.id }
                #expect(now?.damage == "", "call \(point)")
            }
            try scene.expectWhole(repository)
            let checked = try Checked(storage, of: scene, reading: .all)
            #expect(!checked.report.isDamaged, "call \(point): \(checked.report.findings)")
            if step == 0 { break }
            point += step
        }
        #expect(point > 50)
    }
}
