import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

/// Each storage call of a change of keys fails in turn.
@Suite("Changes of keys, with a storage that fails")
struct KeyFaultTests {
    enum Duration: CaseIterable { case once, fromThenOn }

    /// Two snapshots of two epochs.
    private func scene() throws -> Scene {
        var random = SeededNumbers(3)
        let scene = try Scene()
        let repository = try scene.open()
        for name in ["d0/a", "d1/b"] {
            try scene.write(name, random.bytes(50_000))
            try scene.snapshot(repository)
            _ = try repository.rotateKeys()
        }
        return scene
    }

    /// Runs `change` with each call failing in turn, and then `judge` on what is left.
    private func sweep(
        _ scene: Scene, _ duration: Duration, _ moment: FaultyStorage.Moment, every step: Int = 1,
        _ change: (Repository) throws -> Void,
        _ judge: (MemoryStorage, _ isDone: Bool) throws -> Void
    ) throws {
        let step = TestRun.isLong ? 1 : step
        // Each of the four sweeps begins elsewhere.
        let first = (duration == .once ? 0 : 1) + (moment == .before ? 0 : 2)
        var points = first % step
        while true {
            points += step
            let storage = scene.storage.duplicate()
            let faulty = FaultyStorage(storage)
            let repository = try scene.open(faulty, machine: "actor-\(randomName())")
            faulty.reset(duration == .once ? .once(at: points) : .from(points), moment: moment)
            let outcome = Result { try change(repository) }
            let isUntouched = faulty.faults == 0
            try judge(storage, (try? outcome.get()) != nil)
            guard isUntouched else { continue }
            _ = try outcome.get()
            break
        }
        #expect(points > 5)
    }

    /// It opens, nothing is damaged, everything restores, and a new snapshot works.
    private func expectSound(
        _ scene: Scene, _ storage: MemoryStorage, with secret: SlotSecret? = nil
    ) throws {
        let repository = try scene.openOnce(storage, with: secret)
        let looked = try scene.openOnce(storage, with: secret)
        #expect(try Checked(looked, reading: .all).damaged.isEmpty)
        try scene.snapshot(repository)
        _ = try repository.rotateKeys()
        try scene.expectWhole(scene.openOnce(storage, with: secret))
    }

    @Test(
        "a rotation leaves a repository that opens, and goes on",
        arguments: Duration.allCases, [FaultyStorage.Moment.before, .after])
    func rotation(duration: Duration, moment: FaultyStorage.Moment) throws {
        let scene = try scene()
        try sweep(scene, duration, moment) {
            _ = try $0.rotateKeys()
        } _: { storage, _ in
            try expectSound(scene, storage)
        }
    }

    @Test(
        "sealing anew leaves every snapshot whole, and ends its work when it is run again",
        arguments: Duration.allCases, [FaultyStorage.Moment.before, .after])
    func resealing(duration: Duration, moment: FaultyStorage.Moment) throws {
        let scene = try scene()
        var options = PruneOptions()
        options.reseals = true
        options.isImmediate = true
        try sweep(scene, duration, moment, every: 4) {
            _ = try $0.prune(options)
        } _: { storage, _ in
            let other = try scene.open(storage, machine: "other-\(randomName())")
            _ = try other.prune(options)
            #expect(try other.oldEpochs().isEmpty)
            try expectSound(scene, storage)
        }
    }

    @Test(
        "a replacement leaves each key that is kept, and once it is done not the one that goes",
        arguments: Duration.allCases, [FaultyStorage.Moment.before, .after])
    func replacement(duration: Duration, moment: FaultyStorage.Moment) throws {
        let scene = try scene()
        let stolen = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        let friend = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        let slot = try scene.open().addSlot(stolen, label: "stolen")
        try scene.open().addSlot(friend, label: "friend")
        try sweep(scene, duration, moment) { repository in
            let plan = try repository.planKeyReplacement(
                removing: slot, inUse: scene.secret, keeping: [friend])
            _ = try repository.replaceKeys(plan)
        } _: { storage, isDone in
            let before = storage.duplicate()
            try scene.expectWhole(scene.openOnce(storage, with: friend))
            try expectSound(scene, storage)
            let thief = Result { try scene.openOnce(before, with: stolen) }
            if isDone { #expect((try? thief.get()) == nil) }
            // Either nothing has changed for it, or it is shut out: both are a whole repository.
            if let opened = try? thief.get() { try scene.expectWhole(opened) }
            // Whatever was left over goes with plain removals.
            let owner = try scene.openOnce(storage)
            let own = try owner.slotsOpened(by: [scene.secret])
            for left in try owner.listSlots().whole where !own.contains(left.id) {
                try owner.removeSlot(left.id)
            }
            try scene.expectWhole(scene.openOnce(storage))
        }
    }
}
