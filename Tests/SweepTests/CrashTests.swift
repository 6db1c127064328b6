import TestSupport
import Testing

@Suite("An operation during which the power goes")
struct CrashTests {
    @Test(
        "harms nothing that was there, and stands in the way of nothing", arguments: Operation.all)
    func sweep(operation: Operation) throws {
        let crashes = try CrashSweep(operation)
        try crashes.run(at: crashes.moments)
        crashes.sweep.end()
    }
}

/// The power cuts of one operation.
struct CrashSweep {
    let sweep: Sweep
    private let record: Sweep.Record
    private var journal: Journal { record.journal }

    /// Of a program that does to the disk what `change` makes of what it really does.
    init(_ operation: Operation, _ change: (Journal) -> Journal = { $0 }) throws {
        sweep = try Sweep(operation, "power cuts", oneOf: 11)
        var record = try sweep.record()
        record.journal = change(record.journal)
        self.record = record
    }

    /// After the last event: then the operation has said that it is done.
    private var end: Int { journal.events.count }

    /// After some events, or after each, and after the last.
    var moments: [Int] {
        Array(Swift.stride(from: sweep.firstPoint(), to: end, by: sweep.stride)) + [end]
    }

    /// All, the last first: there most is on the disk that should not be without the rest.
    var allMoments: [Int] { (0...end).reversed() }
    var lastMoment: [Int] { [end] }

    /// Cuts the power at these moments, at each in several ways.
    func run(at moments: [Int]) throws {
        for (tree, cut) in cuts(at: moments) { try look(tree, cut) }
    }

    /// Whether one of the cuts does harm.
    func findsSomething(at moments: [Int]) throws -> Bool {
        try cuts(at: moments).contains { tree, cut in
            try look(tree, cut)
            return !sweep.problems.isEmpty
        }
    }

    private func look(_ tree: StoredTree, _ cut: PowerCut) throws {
        try sweep.look("\(cut)", at: tree, record, isOver: cut.moment == end)
    }

    /// What the disk may hold, each such thing once.
    private func cuts(at moments: [Int]) -> some Sequence<(StoredTree, PowerCut)> {
        var seen: Set<[Int]> = []
        return moments.lazy.flatMap(cuts).compactMap { cut in
            let tree = cut.tree(of: journal)
            let isNew = seen.insert([tree.fingerprint, cut.moment == end ? 1 : 0]).inserted
            return isNew ? (tree, cut) : nil
        }
    }

    /// All kinds of loss; each on every kind of disk, or on one for which it is the turn.
    private func cuts(at moment: Int) -> [PowerCut] {
        let losses = PowerCut.Loss.allCases.flatMap { loss in
            repeatElement(loss, count: repetitions(of: loss))
        }
        let turns: [PowerCut.Reach] = [.everything, .repository, .everything, .machineMemory]
        return losses.enumerated().flatMap { turn, loss in
            let isThorough = TestRun.isLong || moment == end
            let reaches = isThorough ? PowerCut.Reach.allCases : [turns[(moment + turn) % 4]]
            return reaches.map { reach in
                PowerCut(moment: moment, loss: loss, reach: reach, seed: sweep.number())
            }
        }
    }

    private func repetitions(of loss: PowerCut.Loss) -> Int {
        switch loss {
        case .torn: TestRun.isLong ? 4 : 1
        case .mixed: TestRun.isLong ? 12 : 3
        default: 1
        }
    }
}
