import Synchronization

/// Answers the error number with which a call on a path is to fail, or nil to let it through.
public typealias FaultPlan = @Sendable (_ call: SystemCall, _ path: String) -> Int32?

/// Lets a test make chosen file calls fail, or record which ones were made in which order.
///
/// Several plans may be in force at once, each for its own directory, so that tests can run side by
/// side. With none in force a call pays for one relaxed load.
public enum FileFaults {
    private struct Entry: Sendable {
        let root: String
        let plan: FaultPlan
    }

    private static let inForce = Atomic<Int>(0)
    private static let entries = Mutex<[Int: Entry]>([:])
    private static let nextKey = Atomic<Int>(0)

    /// Consults `plan` for every call, on any thread, whose path starts with `root`, during `body`.
    public static func with<Result>(
        under root: String, _ plan: @escaping FaultPlan, _ body: () throws -> Result
    ) rethrows -> Result {
        let key = nextKey.wrappingAdd(1, ordering: .relaxed).newValue
        entries.withLock { $0[key] = Entry(root: root, plan: plan) }
        inForce.wrappingAdd(1, ordering: .sequentiallyConsistent)
        defer {
            inForce.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            entries.withLock { $0[key] = nil }
        }
        return try body()
    }

    @inline(__always)
    static func check(
        _ call: SystemCall, _ path: @autoclosure () -> String
    ) throws(SystemError) {
        if inForce.load(ordering: .relaxed) == 0 { return }
        try consult(call, path())
    }

    @inline(never)
    private static func consult(_ call: SystemCall, _ path: String) throws(SystemError) {
        let plans = entries.withLock { Array($0.values) }
        for entry in plans where path.hasPrefix(entry.root) {
            if let number = entry.plan(call, path) {
                throw SystemError(call, path, errno: number)
            }
        }
    }
}
