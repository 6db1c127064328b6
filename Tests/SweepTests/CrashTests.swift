import TestSupport
import Testing

@Suite("An operation during which the power goes")
struct CrashTests {
    @Test("harms nothing that was there, and stands in the way of nothing", arguments: Operation.all)
    func sweep(operation: Operation) throws {
        let crashes = try CrashSweep(operation)
        try crashes.run()
        crashes.sweep.end()
    }
}

/// The power cuts of one operation.
struct CrashSweep {
    let sweep: Sweep
    private let journal: Journal
    private let after: Site.Memory

    init(_ operation: Operation) throws {
        sweep = try Sweep(operation, "power cuts")
        (journal, after) = try sweep.record()
    }

    /// Cuts the power after each event, or after some, and each time in several ways.
    func run(_ change: (Journal) -> Journal = { $0 }) throws {
        let journal = change(journal)
        var seen: Set<Int> = []
        var moments = Array(Swift.stride(from: sweep.firstPoint(), to: journal.events.count, by: sweep.stride))
        moments.append(journal.events.count)
        for moment in moments {
            for loss in PowerCut.Loss.allCases {
                for _ in 0..<repetitions(of: loss) {
                    let cut = PowerCut(moment: moment, loss: loss, seed: sweep.number())
                    let tree = cut.tree(of: journal)
                    let isDone = moment == journal.events.count
                    guard seen.insert(tree.fingerprint ^ (isDone ? 1 : 0)).inserted else { continue }
                    try sweep.look(
                        "\(cut)", at: tree, isDone ? after : nil)
                }
            }
        }
    }

    private func repetitions(of loss: PowerCut.Loss) -> Int {
        switch loss {
        case .torn: TestRun.isLong ? 4 : 1
        case .mixed: TestRun.isLong ? 12 : 2
        default: 1
        }
    }
}
