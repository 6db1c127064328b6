import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Repair of snapshots")
struct SnapshotsRepairTests {
    private let scene: Scene
    private let first: SnapshotID
    private let second: SnapshotID
    private var random = SeededNumbers(41)

    init() throws {
        scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/a", random.bytes(60_000))
        first = try scene.snapshot(repository)
        try scene.write("d1/b", random.bytes(60_000))
        second = try scene.snapshot(repository)
    }

    private func fresh() throws -> Repository { try scene.open(machine: randomName()) }

    private func said() throws -> [String] { try fresh().state.snapshots.map(\.damage) }

    @Test("says what cannot be restored, and takes it back when it can")
    func marks() throws {
        #expect(try fresh().repairSnapshots().isNothing)
        let data = scene.storage.contents.filter { $0.key.hasPrefix("packs/data/") }
        for name in data.keys { scene.storage.removeQuietly(name) }
        let path = scene.path + "/tree"
        let planned = try fresh().repairSnapshots(isDryRun: true)
        #expect(try said() == ["", ""])
        #expect(try fresh().repairSnapshots() == planned)
        #expect(planned.marked.count == 2 && planned.damaged == 2)
        #expect(
            try said() == [
                "cannot be restored: \(path)/d0/a",
                "cannot be restored: \(path)/d0/a, \(path)/d1/b",
            ])
        let head = try fresh().state.number
        #expect(try fresh().repairSnapshots().isNothing)
        #expect(try fresh().state.number == head)
        for (name, bytes) in data { scene.storage.overwrite(name, bytes) }
        #expect(try fresh().repairSnapshots().cleared == [first, second])
        #expect(try said() == ["", ""])
    }

    @Test("a manifest that cannot be read marks its snapshot, which stays in the log")
    func manifests() throws {
        let entry = try #require(try fresh().state.snapshots.first)
        Harm.flipped.befall(ObjectName.manifest(entry.manifest), in: scene.storage)
        _ = try fresh().repairSnapshots()
        #expect(try said() == ["its manifest cannot be read", ""])
        #expect(try fresh().state.snapshots.map(\.id) == [first, second])
    }
}
