import TestSupport
import Testing
import VarveStorage

@Suite("An operation during which calls to the storage fail")
struct StorageFaultTests {
    enum Duration: CaseIterable { case once, fromThenOn }

    /// What goes wrong: a call that is refused, a full disk, or an answer that is lost.
    enum Fault: CaseIterable {
        case failed, full, answerLost

        var moment: FaultyStorage.Moment { self == .answerLost ? .after : .before }

        var error: StorageError {
            self == .full
                ? StorageError(.noSpace, "a test", "made to be full")
                : StorageError(.failed, "a test", "made to fail")
        }
    }

    @Test(
        "harms nothing that was there, and stands in the way of nothing", arguments: Operation.all)
    func sweep(operation: Operation) throws {
        let sweep = try Sweep(operation, "storage faults", oneOf: 13)
        for fault in Fault.allCases {
            for duration in Duration.allCases { try fail(fault, duration, in: sweep) }
        }
        sweep.end()
    }

    @Test(
        "harms nothing where the storage is far, so that this machine keeps some of it",
        arguments: Operation.all)
    func farSweep(operation: Operation) throws {
        let sweep = try Sweep(operation, "faults of a far storage", oneOf: 41, isFar: true)
        for fault in Fault.allCases {
            for duration in Duration.allCases { try fail(fault, duration, in: sweep) }
        }
        sweep.end()
    }

    /// Fails call 1, then 2, and so on, until the operation comes through untouched.
    private func fail(_ fault: Fault, _ duration: Duration, in sweep: Sweep) throws {
        try sweep.walk { number in
            let faulty = FaultyStorage(
                try sweep.storage(), duration == .once ? .once(at: number) : .from(number),
                moment: fault.moment, error: fault.error)
            try sweep.visit("call \(number), \(fault), \(duration)", on: faulty) { faulty.faults }
            return faulty.calls
        }
    }
}
