import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Repair of a log with rotated keys")
struct RotatedLogRepairTests {
    private let scene: Scene
    /// What is live, in the order in which it was taken.
    private let live: [SnapshotID]
    private let head: UInt64

    /// Three epochs, the last one after a key that was stolen; everything is sealed anew, and what it
    /// was sealed in before is swept.
    init() throws {
        var random = SeededNumbers(53)
        let scene = try Scene()
        self.scene = scene
        let stolen = try scene.open().addSlot(
            .keyFile(try SecretBytes.random(byteCount: 32)), label: "stolen")
        let repository = try scene.open()
        var taken: [SnapshotID] = []
        func take() throws {
            try scene.change(&random, files: 3)
            taken.append(try scene.snapshot(repository))
            scene.pass(seconds: Scene.day)
        }
        try take()
        try take()
        _ = try repository.rotateKeys()
        try take()
        _ = try repository.amend(taken[0]) { _ in .pin(true) }
        try repository.append { _ in .forget([taken[1]]) }
        _ = try repository.replaceKeys(
            repository.planKeyReplacement(removing: stolen, inUse: scene.secret, keeping: []))
        try take()
        var options = PruneOptions()
        options.reseals = true
        _ = try repository.prune(options)
        for _ in 0..<2 {
            scene.pass(seconds: 8 * Scene.day)
            _ = try repository.prune(PruneOptions())
        }
        try take()
        live = repository.state.snapshots.map(\.id)
        head = repository.state.number - 1
        #expect(live.count == 4)
    }

    private func lose(_ numbers: some Sequence<UInt64>, of storage: MemoryStorage) {
        for number in numbers {
            for suffix in ["", ".copy"] {
                storage.removeQuietly(ObjectName.record(number) + suffix)
            }
        }
    }

    /// Repairs everything without these records, lets prunes take what nothing needs, and fails unless
    /// every snapshot that was live holds what it held.
    private func expectWhole(without numbers: [UInt64]) {
        #expect(throws: Never.self, "without \(numbers)") { try judge(without: numbers) }
    }

    private func judge(without numbers: [UInt64]) throws {
        let storage = scene.storage.duplicate()
        lose(numbers, of: storage)
        let machine = randomName()
        func open() throws -> Repository { try scene.open(storage, machine: machine) }
        _ = try scene.repairLog(of: storage, machine: machine)
        #expect(try scene.repairLog(of: storage, machine: machine).reason == nil)
        _ = try open().repairIndex()
        _ = try open().repairPacks()
        _ = try open().repairSnapshots()
        let repository = try open()
        let found = Set(repository.state.snapshots.map(\.id))
        #expect(found.isSuperset(of: live), "without \(numbers)")
        guard found.isSuperset(of: live) else { return }
        // A lost record may have forgotten something of which nothing is left.
        try repository.append { .forget($0.snapshots.map(\.id).filter { !live.contains($0) }) }
        _ = try repository.prune(PruneOptions())
        let seconds = scene.seconds
        for days in [8, 16] as [Int64] {
            storage.setClock((seconds + days * Scene.day) * 1_000_000_000)
            _ = try repository.prune(PruneOptions())
        }
        try scene.expectWhole(open())
        let checked = try Checked(storage, of: scene, reading: .all)
        #expect(!checked.report.isDamaged, "without \(numbers): \(checked.damaged)")
    }

    @Test("keeps every snapshot whichever record is lost")
    func anyRecord() {
        // A machine that has never seen it cannot know that the last one is.
        for number in 0..<head { expectWhole(without: [number]) }
    }

    @Test("does so when the first record is lost, and others with it")
    func pairs() {
        for number in 1...head { expectWhole(without: [0, number]) }
        for number in 1...head { expectWhole(without: Array(0...number)) }
    }

    @Test("does so when any two are lost, and any row of them", .enabled(if: TestRun.isLong))
    func anyTwo() {
        for first in 1..<head {
            for second in (first + 1)..<head {
                expectWhole(without: [first, second])
                if second > first + 1 { expectWhole(without: Array(first...second)) }
            }
        }
    }

    @Test("keeps all behind record 0 when every state is gone with it, in a longer log")
    func states() throws {
        let repository = try scene.open()
        while repository.state.number <= 130 { try repository.append { _ in .forget([]) } }
        for name in scene.storage.contents.keys where name.hasPrefix(ObjectName.states) {
            scene.storage.removeQuietly(name)
        }
        for number in [1, 3, 64, 128] as [UInt64] { expectWhole(without: [0, number]) }
    }

    @Test(
        "takes another manifest only where the one that is named cannot be read",
        arguments: [nil] + Harm.allCases)
    func manifests(harm: Harm?) throws {
        let scene = try Scene()
        let repository = try scene.open()
        let taken = try scene.snapshot(repository)
        let first = try #require(repository.state.snapshots.first).manifest
        _ = try repository.rotateKeys()
        var options = PruneOptions()
        options.reseals = true
        _ = try repository.prune(options)
        let second = try #require(repository.state.snapshots.first).manifest
        let amend = repository.state.number - 1
        try repository.append { _ in .forget([]) }
        lose([amend], of: scene.storage)
        harm?.befall(ObjectName.manifest(first), in: scene.storage)
        let report = try scene.repairLog(machine: randomName())
        #expect(report.manifestsReplaced == (harm == nil ? [] : [taken]))
        #expect(report.manifestsUnread == 0 && report.snapshotsKept.isEmpty)
        let entry = try #require(scene.open(machine: randomName()).state.snapshots.first)
        #expect(entry.manifest == (harm == nil ? first : second))
        #expect(entry.damage == (harm == nil ? "" : Repository.unproven))
        try scene.expectWhole()
    }

    @Test(
        "goes on from no state that is sealed under an epoch that was over",
        arguments: [true, false])
    func forgedState(isMend: Bool) throws {
        let scene = try Scene()
        let stolen = try scene.open().addSlot(
            .keyFile(try SecretBytes.random(byteCount: 32)), label: "stolen")
        let repository = try scene.open()
        var taken = [try scene.snapshot(repository), try scene.snapshot(repository)]
        // Whoever has only the old key writes down a state without the first snapshot.
        let twin = try scene.open(scene.storage.duplicate(), machine: "twin")
        try twin.append { [taken] _ in .forget([taken[0]]) }
        _ = try repository.replaceKeys(
            repository.planKeyReplacement(removing: stolen, inUse: scene.secret, keeping: []))
        taken.append(try scene.snapshot(repository))
        let number: UInt64 = isMend ? repository.state.number : 64
        try forge(
            twin, keyring: repository.state.keyringObject, at: number, isMend: isMend,
            in: scene.storage)
        #expect(throws: RepositoryError.self) { try scene.open(machine: randomName()) }
        let report = try scene.repairLog(machine: randomName())
        #expect(report.lost.contains(number) && report.base == 0)
        #expect(scene.storage.contents[ObjectName.record(number + 1)] != nil)
        let opened = try scene.open(machine: randomName())
        #expect(opened.state.snapshots.map(\.id) == taken)
        try scene.expectWhole()
    }

    /// Puts a mend, or a checkpoint, with the state of `twin` and under its epoch.
    private func forge(
        _ twin: Repository, keyring: KeyringObjectID, at number: UInt64, isMend: Bool,
        in storage: MemoryStorage
    ) throws {
        var state = twin.state
        (state.number, state.keyringObject) = (number, keyring)
        let place = LogPlace(repository: twin.id, number: number)
        var sealer = try UnitSealer(twin.keys)
        let sealed = try sealer.seal(.state, body: state.encoded, place: place)
        let id = try StateID(digestOf: sealed)
        let hash = try StateBodyHash(digestOf: state.encoded)
        let event: LogEvent =
            isMend
            ? .mend(Mend(state: id, stateHash: hash, numbers: []))
            : .checkpoint(
                Checkpoint(previous: state.lastCheckpoint, stateHash: hash, state: id))
        let record = LogRecord(
            nonce: randomBytes(LogRecord.nonceBytes), previous: .zero, clock: 0, event: event)
        let bytes = try sealer.seal(.record, body: record.encoded, place: place)
        try storage.put(ObjectName.state(id), sealed)
        _ = try storage.create(ObjectName.record(number), bytes, copies: .two)
    }

    @Test(
        "takes nothing that is sealed under an epoch that was over, whatever else is lost",
        arguments: [[], [0], [3], [0, 3]] as [[UInt64]])
    func forged(others: [UInt64]) throws {
        let scene = try Scene()
        let repository = try scene.open()
        var taken = [try scene.snapshot(repository), try scene.snapshot(repository)]
        // Whoever has only the old key goes on as if nothing had happened.
        let twin = try scene.open(scene.storage.duplicate(), machine: "twin")
        _ = try repository.rotateKeys()
        for _ in 0..<2 { taken.append(try scene.snapshot(repository)) }
        for _ in 0..<3 { try twin.append { [taken] _ in .forget([taken[0], taken[3]]) } }
        for suffix in ["", ".copy"] {
            let name = ObjectName.record(5)
            scene.storage.overwrite(name + suffix, try twin.storage.get(name, limit: 1 << 20))
        }
        lose(others, of: scene.storage)
        let report = try scene.repairLog(machine: randomName())
        #expect(report.lost == others + [5])
        #expect(Set(try scene.open(machine: randomName()).state.snapshots.map(\.id)) == Set(taken))
        try scene.expectWhole()
    }
}
