import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Repair of copies")
struct CopyRepairTests {
    private let scene: Scene
    private let storage: MemoryStorage
    /// Everything that is kept twice.
    private let names: [String]

    init() throws {
        scene = try Scene()
        storage = scene.storage
        let repository = try scene.open()
        try scene.write("d0/a", [1, 2, 3])
        try scene.snapshot(repository)
        _ = try repository.rotateKeys()
        while repository.state.number <= 66 { try repository.append { _ in .forget([]) } }
        names = storage.contents.keys.filter { $0.hasSuffix(".copy") }
            .map { String($0.dropLast(5)) }.sorted()
        #expect(names.count == 67 + 1 + 1 + 2)
    }

    @Test("makes both whole again, whichever is not, and has nothing to do then")
    func everything() throws {
        let whole = storage.contents
        for (harm, suffix) in Harm.allCases.flatMap({ harm in ["", ".copy"].map { (harm, $0) } }) {
            // The second of every other one.
            for (index, name) in names.enumerated() where index % 2 == (suffix == "" ? 0 : 1) {
                harm.befall(name + suffix, in: storage)
            }
            let harmed = storage.contents
            #expect(harmed != whole)
            let planned = try scene.repairLog(machine: randomName(), isDryRun: true)
            #expect(storage.contents == harmed)
            let report = try scene.repairLog(machine: randomName())
            #expect(report.reason == nil && report.copiesMade == planned.copiesMade)
            #expect(report.copiesMade.count == (names.count + (suffix == "" ? 1 : 0)) / 2)
            #expect(storage.contents == whole, "\(harm) \(suffix)")
            #expect(try scene.repairLog(machine: randomName()).copiesMade.isEmpty)
        }
        #expect(try Checked(storage, of: scene, reading: .all).report.findings.isEmpty)
    }

    @Test("does so behind a mend, too, and leaves alone what is lost twice")
    func mended() throws {
        for suffix in ["", ".copy"] { storage.removeQuietly(ObjectName.record(65) + suffix) }
        for number in [0, 64, 66] as [UInt64] {
            Harm.flipped.befall(ObjectName.record(number), in: storage)
        }
        let report = try scene.repairLog(machine: randomName())
        #expect(report.lost == [65])
        #expect(report.copiesMade == [66, 64, 0].map { ObjectName.record($0) })
        #expect(try scene.repairLog(machine: randomName()).copiesMade.isEmpty)
        try scene.expectWhole()
    }

    @Test("may fail at any call, and does the rest when it is run again")
    func faults() throws {
        let whole = storage.contents
        for name in names.suffix(4) { storage.removeQuietly(name) }
        for name in names.prefix(2) { Harm.shortened.befall(name + ".copy", in: storage) }
        // What fails for good is damage, and mended as such.
        let error = StorageError(.failed, "a test", "made to fail", transient: true)
        for moment in [FaultyStorage.Moment.before, .after] {
            var points = 0
            while true {
                points += 5
                let harmed = storage.duplicate()
                let faulty = FaultyStorage(
                    harmed, .once(at: points), moment: moment, error: error)
                _ = try? scene.repairLog(of: faulty, machine: randomName())
                _ = try scene.repairLog(of: harmed, machine: randomName())
                #expect(harmed.contents == whole, "call \(points)")
                guard faulty.faults > 0 else { break }
            }
            #expect(points > 50)
        }
    }

    @Test("does not bring a key back that is removed meanwhile")
    func removed() throws {
        let stolen = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        let slot = try scene.open().addSlot(stolen, label: "stolen")
        for suffix in ["", ".copy"] {
            let storage = storage.duplicate()
            storage.removeQuietly(ObjectName.slot(slot) + suffix)
            let owner = try scene.open(storage, machine: randomName())
            let hooked = HookedStorage(storage, before: "replace keys/") {
                try? owner.removeSlot(slot)
            }
            _ = try scene.repairLog(of: hooked, machine: randomName())
            #expect(!hooked.isWaiting)
            #expect(!storage.contents.keys.contains { $0.hasPrefix(ObjectName.slot(slot)) })
        }
    }

    @Test("lets no record look younger than it is")
    func times() throws {
        let listed = try storage.list(ObjectName.log)
        scene.pass(seconds: 30 * Scene.day)
        for number in 0..<UInt64(66) { storage.removeQuietly(ObjectName.record(number)) }
        _ = try scene.repairLog(machine: randomName())
        #expect(try storage.list(ObjectName.log) == listed)
        #expect(try storage.times(of: [ObjectName.record(3)]).values.first == listed[3].modified)
    }
}
