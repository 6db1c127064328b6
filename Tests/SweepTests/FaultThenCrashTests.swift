import Glibc
import Synchronization
import TestSupport
import Testing
import VarveSystem

/// Two misfortunes in a row: the disk refuses something, or the program is killed; then the power
/// goes.
@Suite("A power cut after an operation that was disturbed")
struct FaultThenCrashTests {
    enum Disturbance: CaseIterable {
        /// The disk refuses to sync something once; the operation goes on as it can.
        case syncFails
        /// The program is gone; the next one opens the repository, and knows nothing of syncs that
        /// were still to come.
        case kill
        /// The same, and the next one takes a snapshot.
        case killBeforeSnapshot
    }

    private static let syncs: Set<SystemCall> = [.sync, .syncFileSystem]
    private static let changes: Set<SystemCall> = syncs.union([
        .create, .write, .truncate, .link, .rename, .remove, .makeDirectory,
    ])

    @Test(
        "harms nothing that was there, and stands in the way of nothing", arguments: Operation.all)
    func sweep(operation: Operation) throws {
        let sweep = try Sweep(operation, "power cuts after faults and kills", oneOf: 17)
        for disturbance in Disturbance.allCases {
            // There are few syncs, and each is what something rests on.
            let stride = disturbance == .syncFails ? max(1, sweep.stride / 4) : sweep.stride
            try sweep.walk(oneOf: stride) { try disturb(sweep, disturbance, at: $0) }
        }
        sweep.end()
    }

    /// Disturbs the operation at one of its changes, and answers how many there were.
    private func disturb(
        _ sweep: Sweep, _ disturbance: Disturbance, at number: Int
    ) throws -> Int {
        let (operation, calls, faults) = (sweep.operation, Counter(), Counter())
        let disturbed = disturbance == .syncFails ? Self.syncs : Self.changes
        let isDead = Atomic(false)
        let plan: FaultPlan = { call, _ in
            if isDead.load(ordering: .relaxed) { return EIO }
            guard disturbed.contains(call), calls.count() == number else { return nil }
            faults.count()
            if disturbance != .syncFails { isDead.store(true, ordering: .relaxed) }
            return EIO
        }
        let point = "change \(number), \(disturbance)"
        let record = try sweep.record { run in
            let outcome = Result {
                try FileFaults.with(under: sweep.site.machine, plan) { try run() }
            }
            if faults.value == 0 { return true }
            switch disturbance {
            case .syncFails: return (try? outcome.get()) != nil && !operation.mayLeaveDamage
            case .kill: _ = try? sweep.site.open(sweep.site.storage())
            case .killBeforeSnapshot:
                guard let next = try? sweep.site.open(sweep.site.storage()) else { break }
                do {
                    try sweep.site.snapshot(next)
                } catch {
                    sweep.note("\(point), the next snapshot: \(error)")
                }
            }
            return false
        }
        for cut in PowerCut.cuts(after: record.journal.events.count, disturbance, sweep) {
            try sweep.look(
                "\(point), \(cut)", at: cut.tree(of: record.journal), record,
                faults: faults.value)
        }
        return calls.value
    }
}

extension PowerCut {
    /// At the end; without a long run few of them, each on a disk for which it is the turn.
    fileprivate static func cuts(
        after moment: Int, _ disturbance: FaultThenCrashTests.Disturbance, _ sweep: Sweep
    ) -> [PowerCut] {
        let few: [Loss] = disturbance == .syncFails ? [.nothing, .everything] : [.everything]
        let losses = TestRun.isLong ? [.nothing, .everything, .mixed, .mixed] : few
        let reaches = TestRun.isLong ? Reach.allCases : [Reach.allCases[moment % 2]]
        return losses.flatMap { loss in
            reaches.map {
                PowerCut(moment: moment, loss: loss, reach: $0, seed: sweep.number())
            }
        }
    }
}
