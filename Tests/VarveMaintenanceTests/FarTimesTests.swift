import TestSupport
import Testing
import VarveCodec
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

/// A storage may give any time, and its clock may jump from one end to the other.
@Suite("Times at both ends of what a time can say")
struct FarTimesTests {
    private static let ends: [Int64] = [.min, .max]

    /// Snapshots of both ends, something that is condemned, and a checkpoint; all are dated `time`.
    private func scene(_ time: Int64) throws -> Scene {
        var random = SeededNumbers(9)
        let scene = try Scene()
        let repository = try scene.open()
        scene.storage.setClock(time)
        for _ in 0..<4 {
            try scene.change(&random)
            try scene.snapshot(repository)
        }
        for end in Self.ends { try repository.commit(at: end) }
        try repository.append { .forget($0.snapshots[..<2].map(\.id)) }
        _ = try repository.prune(PruneOptions())
        while repository.state.number <= 70 { try repository.append { _ in .forget([]) } }
        #expect(!repository.state.condemned.isEmpty)
        return scene
    }

    @Test("trap nothing, and make nothing go before its time", arguments: ends, ends)
    func survived(first: Int64, later: Int64) throws {
        let scene = try scene(first)
        scene.storage.setClock(later)
        let repository = try scene.open(machine: randomName())
        let condemned = try repository.status(now: first).condemned
        #expect(try repository.status(now: later).condemned == condemned)
        #expect(condemned?.due == (first == .max ? .max : .min + 7 * 86_400_000_000_000))
        let dating = try SnapshotDating(of: repository)
        let age = try #require(RetentionAge("99999y99999m99999d99999h"))
        let rules: [RetentionRule] = [
            .last(.limited(1)), .newest(.daily, .limited(2)), .within(age),
        ]
        let policy = try #require(RetentionPolicy(rules))
        let plan = RetentionPlan(
            try repository.state.snapshots.map { try dating.judge($0, in: repository) }, policy,
            by: [.host, .source], SampleSnapshots.calendar, latest: dating.latest)
        _ = try repository.forget(by: plan)
        _ = try repository.planPrune(PruneOptions())
        _ = try repository.prune(PruneOptions())
        #expect(try !Checked(scene.storage, of: scene, reading: .all).report.isDamaged)
        try judgeRepair(scene)
    }

    private func judgeRepair(_ scene: Scene) throws {
        let before = Set(try scene.open(machine: randomName()).state.snapshots.map(\.id))
        for suffix in ["", ".copy"] {
            scene.storage.removeQuietly(ObjectName.record(66) + suffix)
        }
        let report = try scene.repairLog(machine: randomName())
        #expect(report.base == 64 && report.lost == [66])
        let found = try scene.open(machine: randomName()).state.snapshots.map(\.id)
        #expect(before.isSubset(of: found))
    }
}
