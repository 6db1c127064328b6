import TestSupport
import Testing
import VarveCodec
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

    /// Seals every manifest anew; the ones before stay in the storage for some days.
    private func reseal() throws -> (before: [ManifestID], after: [ManifestID]) {
        let before = try fresh().state.snapshots.map(\.manifest)
        _ = try fresh().rotateKeys()
        var options = PruneOptions()
        options.reseals = true
        _ = try fresh().prune(options)
        return (before, try fresh().state.snapshots.map(\.manifest))
    }

    @Test("another manifest of the same snapshot takes its place", arguments: Harm.allCases)
    func otherManifests(harm: Harm) throws {
        let (before, after) = try reseal()
        harm.befall(ObjectName.manifest(after[0]), in: scene.storage)
        #expect(throws: RepositoryError.self) { try fresh().prune(PruneOptions()) }
        let head = try fresh().state.number
        let planned = try fresh().repairSnapshots(isDryRun: true)
        #expect(planned.replaced == [first] && planned.damaged == 0)
        #expect(try fresh().state.number == head)
        #expect(try fresh().repairSnapshots() == planned)
        let entries = try fresh().state.snapshots
        #expect(entries[0].manifest != before[0] && entries[0].manifest != after[0])
        #expect(entries[1].manifest == after[1] && entries.allSatisfy { $0.damage.isEmpty })
        #expect(try fresh().repairSnapshots().isNothing)
        #expect(try !fresh().check(reading: .none).isDamaged)
        // What lies about without a name goes, and the snapshot stays whole.
        for _ in 0..<3 {
            scene.pass(seconds: 8 * Scene.day)
            _ = try fresh().prune(PruneOptions())
        }
        #expect(scene.storage.contents[ObjectName.manifest(before[0])] == nil)
        try scene.expectWhole()
    }

    /// What is wrong with manifests that lie about.
    enum Unlike: CaseIterable {
        /// Not of this snapshot, not what the log says of it, or not alike.
        case foreign, contradicting, several
    }

    @Test(
        "none takes it that is of another snapshot, or says something else",
        arguments: Unlike.allCases)
    func unlikeManifests(unlike: Unlike) throws {
        let repository = try fresh()
        let entry = try #require(repository.state.snapshots.first)
        func put(_ change: (inout SnapshotManifest) -> Void) throws {
            var manifest = try repository.manifest(entry)
            change(&manifest)
            var sealer = try UnitSealer(repository.keys)
            let bytes = try sealer.seal(.manifest, body: manifest.encoded())
            try scene.storage.put(ObjectName.manifest(ManifestID(digestOf: bytes)), bytes)
        }
        switch unlike {
        case .foreign: try put { $0.id = SnapshotID.zero }
        case .contradicting: try put { $0.counts.files += 1 }
        case .several: for name in ["one", "two"] { try put { $0.program = name } }
        }
        Harm.removed.befall(ObjectName.manifest(entry.manifest), in: scene.storage)
        let report = try fresh().repairSnapshots()
        #expect(report.replaced.isEmpty && report.damaged == 1)
        #expect(try said() == ["its manifest cannot be read", ""])
    }

    @Test("a prune that remembers its mark keeps what a damaged manifest needs")
    func remembered() throws {
        let repository = try scene.open()
        try scene.snapshot(repository)
        _ = try repository.planPrune(PruneOptions())
        let name = ObjectName.manifest(try #require(repository.state.snapshots.first).manifest)
        let whole = try #require(scene.storage.contents[name])
        Harm.flipped.befall(name, in: scene.storage)
        try repository.append { _ in .forget([second]) }
        for _ in 0..<3 {
            scene.pass(seconds: 8 * Scene.day)
            _ = try scene.open().prune(PruneOptions())
        }
        #expect(try fresh().repairSnapshots().damaged == 1)
        scene.storage.overwrite(name, whole)
        try scene.expectWhole()
        #expect(try !fresh().check(reading: .all).isDamaged)
    }
}
