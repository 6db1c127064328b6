import Glibc
import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Prune, with a storage that fails")
struct PruneFaultTests {
    enum Duration: CaseIterable { case once, fromThenOn }

    /// Each call of a prune that writes anew, condemns and sweeps fails in turn.
    @Test(
        "leaves every snapshot whole, takes a new one, and ends its work when it is run again",
        arguments: Duration.allCases, [FaultyStorage.Moment.before, .after])
    func sweep(duration: Duration, moment: FaultyStorage.Moment) throws {
        let scene = try Self.scene()
        var points = 0
        while true {
            points += 1
            let (storage, options) = (scene.storage.duplicate(), Self.options)
            let faulty = FaultyStorage(storage)
            let repository = try scene.open(faulty, machine: "m\(points)")
            faulty.reset(
                duration == .once ? .once(at: points) : .from(points), moment: moment)
            let outcome = Result { try repository.prune(options) }
            let isUntouched = faulty.faults == 0
            try scene.expectWhole(scene.open(storage, machine: "after\(points)"))
            // Somebody else, who has no memory of any of this, goes on.
            let other = try scene.open(storage, machine: "other\(points)")
            try scene.snapshot(other)
            _ = try other.prune(options)
            try scene.expectWhole(scene.open(storage, machine: "end\(points)"))
            guard isUntouched else { continue }
            _ = try outcome.get()
            break
        }
        #expect(points > 20)
    }

    @Test("on a full disk a dry run leaves the reserve alone, and a prune has it again at the end")
    func reserve() throws {
        let depot = try Depot(inDirectory: true)
        let repository = try depot.open()
        try repository.commit()
        let directory = try #require(depot.storage as? DirectoryStorage)
        let isFull = Mutex(true)
        let plan: FaultPlan = { call, path in
            if call == .remove, path.hasSuffix("/reserve") { isFull.withLock { $0 = false } }
            return call == .write && isFull.withLock { $0 } ? ENOSPC : nil
        }
        let pack = ObjectReference(try #require(PackID(randomBytes(32))), .data)
        for isCondemned in [false, true] {
            if isCondemned {
                try repository.append { _ in .condemn(Condemnation(objects: [pack])) }
            }
            try FileFaults.with(under: depot.path + "/repository", plan) {
                _ = try repository.planPrune(PruneOptions())
                _ = try repository.oldEpochs()
                #expect(try directory.hasReserve && isFull.withLock(\.self))
                _ = try repository.prune(PruneOptions())
                // Only to learn what is due; it is there again when there is room.
                #expect(isFull.withLock { $0 } != isCondemned)
                #expect(try directory.hasReserve)
            }
        }
    }

    private static var options: PruneOptions {
        var options = PruneOptions()
        options.isImmediate = true
        options.unusedMax = .percent(0)
        return options
    }

    /// Some packs to sweep, some to condemn, some to write anew.
    private static func scene() throws -> Scene {
        var random = SeededNumbers(9)
        let scene = try Scene()
        let repository = try scene.open()
        for _ in 0..<5 {
            try scene.change(&random, files: 3)
            try scene.snapshot(repository)
        }
        try repository.append { .forget($0.snapshots.prefix(2).map(\.id)) }
        _ = try repository.prune(PruneOptions())
        try repository.append { .forget([$0.snapshots[1].id]) }
        return scene
    }
}
