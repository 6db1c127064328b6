import Glibc
import Synchronization
import TestSupport
import Testing
import VarveSystem

@Suite("An operation during which calls on files fail")
struct FileFaultTests {
    /// What goes wrong with the repository, with this machine's memory, and with what is restored.
    enum Fault: CaseIterable {
        case damagedOnce, damaged, fullOnce, full

        func number(_ call: SystemCall, isFirst: Bool) -> Int32? {
            switch self {
            case .damagedOnce: isFirst ? EIO : nil
            case .damaged: EIO
            case .fullOnce: isFirst ? ENOSPC : nil
            case .full: Self.takeRoom.contains(call) ? ENOSPC : nil
            }
        }

        private static let takeRoom: Set<SystemCall> = [
            .create, .write, .makeDirectory, .link, .rename, .sync,
        ]
    }

    @Test(
        "harms nothing that was there, and stands in the way of nothing", arguments: Operation.all)
    func sweep(operation: Operation) throws {
        let sweep = try Sweep(operation, "file faults", oneOf: 97)
        for fault in Fault.allCases { try fail(fault, in: sweep) }
        sweep.end()
    }

    /// Fails call 1, then 2, and so on, until the operation comes through untouched.
    private func fail(_ fault: Fault, in sweep: Sweep) throws {
        try sweep.walk { first in
            let storage = try sweep.storage()
            let (calls, faults) = (Counter(), Counter())
            let plan: FaultPlan = { call, _ in
                let place = calls.count()
                guard place >= first else { return nil }
                let number = fault.number(call, isFirst: place == first)
                if number != nil { faults.count() }
                return number
            }
            try sweep.visit(
                "file call \(first), \(fault)", on: storage,
                during: { operation in
                    try FileFaults.with(under: sweep.site.machine, plan) { try operation() }
                },
                faults: { faults.value })
            return calls.value
        }
    }

    @Test(
        "changes nothing when signals interrupt every call, and reads and writes stop short",
        arguments: Operation.all)
    func interrupted(operation: Operation) throws {
        let sweep = try Sweep(operation, "interrupted and short file calls", oneOf: 1)
        let (interruptions, shortened) = (Counter(), Counter())
        let places = Mutex<Set<String>>([])
        var watch = FileWatch()
        // Each call is interrupted the first time, and comes through the second time.
        watch.fault = { call, path in
            let place = "\(pthread_self()) \(call) \(path)"
            return places.withLock { places in
                guard places.insert(place).inserted else {
                    places.remove(place)
                    return nil
                }
                interruptions.count()
                return EINTR
            }
        }
        for bytes in TestRun.isLong ? [1, 7, 100, 4_096] : [100] {
            let before = interruptions.value
            watch.length = { _, _, wanted in
                if wanted > bytes { shortened.count() }
                return min(wanted, bytes)
            }
            try sweep.visit(
                "\(bytes) bytes", on: sweep.storage(),
                during: { [watch] operation in
                    try FileFaults.with(under: sweep.site.machine, watch) { try operation() }
                },
                areHarmless: true, faults: { interruptions.value - before })
        }
        #expect(shortened.value > 0, "nothing was cut short")
        sweep.end()
    }
}

/// Counts from several threads.
final class Counter: Sendable {
    private let number = Atomic<Int>(0)

    var value: Int { number.load(ordering: .relaxed) }

    /// The count with this one.
    @discardableResult
    func count() -> Int { number.add(1, ordering: .relaxed).newValue }
}
