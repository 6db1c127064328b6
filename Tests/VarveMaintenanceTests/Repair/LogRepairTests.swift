import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Repair of the log")
struct LogRepairTests {
    private let scene: Scene
    private let storage: MemoryStorage
    /// In the order in which they were taken.
    private let taken: [SnapshotID]

    init() throws {
        var random = SeededNumbers(51)
        scene = try Scene()
        storage = scene.storage
        let repository = try scene.open()
        var taken: [SnapshotID] = []
        for _ in 0..<4 {
            try scene.change(&random)
            taken.append(try scene.snapshot(repository))
            scene.pass(seconds: Scene.day)
        }
        self.taken = taken
    }

    private func fresh(_ other: (any Storage)? = nil) throws -> Repository {
        try scene.open(other, machine: randomName())
    }

    /// Takes both copies of records away, or makes them unreadable.
    private func lose(_ numbers: some Sequence<UInt64>, _ harm: Harm = .removed) {
        for number in numbers {
            for suffix in ["", ".copy"] {
                harm.befall(ObjectName.record(number) + suffix, in: storage)
            }
        }
    }

    private func repair(machine: String = randomName()) throws -> LogRepairReport {
        try scene.repairLog(machine: machine)
    }

    /// The log opens, nothing is left to mend in it, nothing is damaged, and it goes on.
    private func expectWhole(_ snapshots: [SnapshotID]? = nil) throws {
        let contents = storage.contents
        #expect(try repair().reason == nil)
        #expect(storage.contents == contents)
        let repository = try fresh()
        #expect(Set(repository.state.snapshots.map(\.id)) == Set(snapshots ?? taken))
        try scene.expectWhole()
        let checked = try Checked(storage, of: scene, reading: .all)
        #expect(!checked.report.isDamaged, "\(checked.damaged)")
        try scene.snapshot(repository)
        try scene.expectWhole()
    }

    @Test("keeps every snapshot whichever record is lost", arguments: 0...3, Harm.allCases)
    func anyRecord(number: UInt64, harm: Harm) throws {
        lose([number], harm)
        #expect(throws: RepositoryError.self) { try fresh() }
        let planned = try scene.repairLog(machine: randomName(), isDryRun: true)
        #expect(throws: RepositoryError.self) { try fresh() }
        let report = try repair()
        #expect(report.number == 5 && planned.number == 5)
        #expect(report.lost == [number] && planned.lost == [number])
        #expect(report.snapshotsKept == (number == 0 ? [] : [taken[Int(number) - 1]]))
        try expectWhole()
    }

    @Test("does so when all of the log is gone, and when varve.json is, too")
    func everything() throws {
        lose(0...4)
        for suffix in ["", ".copy"] { storage.removeQuietly(ObjectName.repository + suffix) }
        #expect(throws: RepositoryError.self) { try repair() }
        // Slots alone may be those of an `init` that was interrupted.
        storage.overwrite(ObjectName.record(3), [1, 2, 3])
        let report = try repair()
        #expect(report.isDescriptorMade && report.base == nil)
        #expect(report.snapshotsKept == taken)
        try expectWhole()
    }

    @Test("brings back nothing that a record or a state says is forgotten")
    func forgotten() throws {
        let repository = try scene.open()
        try repository.append { _ in .forget([taken[0]]) }
        lose([2])
        _ = try repair()
        try expectWhole(Array(taken.dropFirst()))
    }

    @Test("keeps what only a lost record says is forgotten, and says that it is uncertain")
    func lostForget() throws {
        let repository = try scene.open()
        try repository.append { _ in .forget([taken[0]]) }
        try repository.append { _ in .amend(Amendment(snapshot: taken[1], change: .pin(true))) }
        lose([5])
        let report = try repair()
        #expect(report.isUncertain && report.lost == [5])
        let entries = try fresh().state.snapshots
        #expect(entries.map(\.id) == taken)
        #expect(entries.map(\.isPinned) == [false, true, false, false])
        try expectWhole()
    }

    /// Lets the log grow to record `head` by words that change nothing.
    private func grow(to head: UInt64) throws {
        let repository = try scene.open()
        while repository.state.number <= head { try repository.append { _ in .forget([]) } }
    }

    @Test("goes on from the newest state that is left, also when its record is lost")
    func states() throws {
        var random = SeededNumbers(52)
        try grow(to: 70)
        try scene.change(&random)
        let last = try scene.snapshot(try scene.open())
        try grow(to: 75)
        #expect(storage.contents.keys.count { $0.hasPrefix("state/") } == 1)
        for lost in [[64], [0, 64], [0, 3, 64, 70], [71], [75]] as [[UInt64]] {
            let whole = storage.duplicate()
            lose(lost)
            let report = try repair()
            if lost != [75] {
                #expect(report.base == 64 && report.number == 76, "\(lost)")
                #expect(Set(report.lost).isSubset(of: lost), "\(lost)")
            }
            let repository = try fresh()
            #expect(repository.state.snapshots.map(\.id) == taken + [last], "\(lost)")
            #expect(repository.state.segments.count == 5, "\(lost)")
            for name in storage.contents.keys { storage.removeQuietly(name) }
            for (name, bytes) in whole.contents { storage.overwrite(name, bytes) }
        }
    }

    @Test("follows what this machine has seen, and passes over the numbers of checkpoints")
    func rolledBack() throws {
        try grow(to: 63)
        lose([61, 62, 63])
        // Another machine cannot know.
        #expect(try fresh().state.number == 61)
        #expect(throws: RepositoryError.self) { try scene.open() }
        let report = try scene.repairLog()
        #expect(report.number == 65 && report.lost == [61, 62, 63, 64])
        #expect(try scene.open().state.number == 66)
        try expectWhole()
    }

    @Test("is known to every machine that has seen what is lost")
    func remembered() throws {
        _ = try scene.open(machine: "two")
        lose([4], .flipped)
        #expect(throws: RepositoryError.self) { try scene.open(machine: "two") }
        _ = try repair()
        #expect(try scene.open(machine: "two").state.number == 6)
        // Still when the mend is no longer what the log is read from.
        try grow(to: 70)
        _ = try scene.open(machine: "three")
    }

    @Test("lets no snapshot take over anything from one that nobody has looked at")
    func unproven() throws {
        // What is younger counts as changed in any case.
        Clock.sleep(nanoseconds: 2_100_000_000)
        let last = try scene.snapshot(try scene.open())
        #expect(try read(by: fresh(storage.duplicate())) == [])
        lose([5])
        #expect(try scene.repairLog().snapshotsKept.count == 1)
        let repository = try fresh()
        #expect(repository.state.snapshots.last?.damage == Repository.unproven)
        #expect(try !read(by: repository).isEmpty)
        #expect(try fresh().repairSnapshots().cleared.count == 1)
        #expect(try fresh().state.snapshots.contains { $0.id == last })
    }

    /// The files that the next snapshot reads.
    private func read(by repository: Repository) throws -> [String] {
        let read = Mutex<[String]>([])
        try scene.snapshot(repository) { event in
            guard case .file(let path, _, _) = event else { return }
            read.withLock { $0.append(path) }
        }
        return read.withLock { $0 }
    }

    @Test("refuses numbers that no log has")
    func numbers() throws {
        storage.overwrite(ObjectName.record(1 << 60), [1])
        #expect(throws: RepositoryError.self) { try repair() }
    }
}
