import TestSupport
import Testing
import VarveFormat
import VarveStorage

@testable import VarveMaintenance
@testable import VarveRepository

/// The code itself under schedules like those of the model: each storage call is a turn.
@Suite("Writers and maintenance, call by call")
struct ScheduleTests {
    private static let schedules: UInt64 = TestRun.isLong ? 2_000 : 60

    @Test("whatever the schedule, no snapshot is lost and no promise broken")
    func schedules() throws {
        var overtakings = 0
        for seed in 0..<Self.schedules {
            let run = try ScheduleRun(seed)
            let broken = try run.broken()
            overtakings += run.overtakings
            #expect(broken == [], "seed \(seed):\n\(run.turns.joined(separator: "\n"))")
            guard broken.isEmpty else { return }
        }
        #expect(overtakings > 0, "nobody was ever overtaken, so nothing was tried")
    }
}

/// One schedule, from its beginning to the check of what is left.
struct ScheduleRun {
    private let depot: Depot
    private let conductor: Conductor

    var overtakings: Int { depot.ledger.overtakings }
    var turns: [String] { conductor.turns }

    init(_ seed: UInt64) throws {
        var random = SeededNumbers(seed)
        let depot = try Depot()
        self.depot = depot
        let first = try depot.open(depot.storage, machine: "one")
        for _ in 0..<random.number(1...3) {
            try first.store(Self.contents(&random), depot.ledger)
        }
        conductor = Conductor(depot.storage, seconds: Depot.start + 60)
        var actors: [@Sendable () -> Void] = []
        for _ in 0..<2 {
            let snapshots = (0..<random.number(1...2)).map { _ in Self.contents(&random) }
            actors.append(writer(actors.count, snapshots))
        }
        for _ in 0..<random.number(1...2) { actors.append(maintainer(actors.count, &random)) }
        try conductor.run(actors, faults: random.number(0...3), &random)
    }

    private static func contents(_ random: inout SeededNumbers) -> [[UInt8]] {
        (0..<random.number(1...3)).map { _ in random.element(Depot.pool) }
    }

    private func writer(_ index: Int, _ snapshots: [[[UInt8]]]) -> @Sendable () -> Void {
        let (depot, storage) = (depot, TurnStorage(conductor, actor: index))
        let actor = WritingActor(
            storage: storage, conductor: conductor, ledger: depot.ledger, snapshots: snapshots)
        return { actor.run { try depot.open(storage, machine: "writer\(index)") } }
    }

    private func maintainer(
        _ index: Int, _ random: inout SeededNumbers
    ) -> @Sendable () -> Void {
        let (depot, storage) = (depot, TurnStorage(conductor, actor: index))
        let actor = MaintainingActor(
            ledger: depot.ledger, runs: random.number(1...3), isImmediate: random.flag(),
            rewrites: random.flag(), seed: random.next())
        return { actor.run { try depot.open(storage, machine: "maintenance\(index)") } }
    }

    /// What is not as it must be, for a machine that has seen nothing.
    func broken() throws -> [String] {
        var broken = depot.ledger.broken + (try brokenNow("fresh"))
        // What the last ones left is taken away, and nothing else.
        let last = try depot.open(depot.storage, machine: "last")
        for _ in 0..<2 {
            conductor.pass(seconds: 10 * 86_400)
            do {
                _ = try last.prune(PruneOptions())
            } catch {
                broken.append("the last prune: \(error)")
            }
        }
        broken += try brokenNow("end")
        return broken
    }

    private func brokenNow(_ machine: String) throws -> [String] {
        let repository: Repository
        do {
            repository = try depot.open(depot.storage, machine: machine)
        } catch {
            return ["it does not open: \(error)"]
        }
        let live = Set(repository.state.snapshots.map(\.id))
        var broken: [String] = []
        for id in depot.ledger.committed.subtracting(depot.ledger.forgotten).subtracting(live) {
            broken.append("snapshot \(id.hex.prefix(8)) is lost")
        }
        for entry in repository.state.snapshots {
            let found = try? repository.chunks(of: entry)
            if found == nil || found != depot.ledger.contents(of: entry.id) {
                broken.append("snapshot \(entry.id.hex.prefix(8)) cannot be read back")
            }
        }
        let report = try repository.check(reading: .all)
        return broken + report.findings.filter { $0.weight == .damage }.map { "\($0)" }
    }
}
