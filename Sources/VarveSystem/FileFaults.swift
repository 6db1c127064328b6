import Synchronization

/// Answers the error number with which a call on a path is to fail, or nil to let it through.
public typealias FaultPlan = @Sendable (_ call: SystemCall, _ path: String) -> Int32?

/// What a test does about the file calls below one directory.
public struct FileWatch: Sendable {
    /// Is asked before each call. EINTR interrupts it: it is made again, and the plan asked again.
    public var fault: FaultPlan
    /// How many bytes of those that are asked for a read or a write moves at once, 1 or more.
    public var length: @Sendable (_ call: SystemCall, _ path: String, _ bytes: Int) -> Int
    /// Is told of each call that succeeded, on the thread that made it.
    public var success: @Sendable (_ call: SystemCall, _ path: String) -> Void

    public init(
        fault: @escaping FaultPlan = { _, _ in nil },
        length: @escaping @Sendable (SystemCall, String, Int) -> Int = { $2 },
        success: @escaping @Sendable (SystemCall, String) -> Void = { _, _ in }
    ) {
        (self.fault, self.length, self.success) = (fault, length, success)
    }
}

/// Lets a test make chosen file calls fail or stop short, or record which ones were made in which
/// order.
///
/// Several watches may be in force at once, each for its own directory, so that tests can run side
/// by side. With none in force a call pays for one relaxed load.
public enum FileFaults {
    private struct Entry: Sendable {
        let root: String
        let watch: FileWatch
    }

    private static let inForce = Atomic<Int>(0)
    private static let entries = Mutex<[Int: Entry]>([:])
    private static let nextKey = Atomic<Int>(0)

    /// Consults `plan` for every call, on any thread, whose path starts with `root`, during `body`.
    public static func with<Result>(
        under root: String, _ plan: @escaping FaultPlan, _ body: () throws -> Result
    ) rethrows -> Result {
        try with(under: root, FileWatch(fault: plan), body)
    }

    /// The same for all that a test may do about a call.
    public static func with<Result>(
        under root: String, _ watch: FileWatch, _ body: () throws -> Result
    ) rethrows -> Result {
        let key = nextKey.wrappingAdd(1, ordering: .relaxed).newValue
        entries.withLock { $0[key] = Entry(root: root, watch: watch) }
        inForce.wrappingAdd(1, ordering: .sequentiallyConsistent)
        defer {
            inForce.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            entries.withLock { $0[key] = nil }
        }
        return try body()
    }

    @inline(__always)
    static var isInForce: Bool { inForce.load(ordering: .relaxed) != 0 }

    private static func watches(of path: String) -> [FileWatch] {
        entries.withLock { $0.values.filter { path.hasPrefix($0.root) }.map(\.watch) }
    }

    /// The number of the error with which a call is to fail.
    static func fault(_ call: SystemCall, _ path: @autoclosure () -> String) -> Int32? {
        guard isInForce else { return nil }
        let path = path()
        for watch in watches(of: path) {
            if let number = watch.fault(call, path) { return number }
        }
        return nil
    }

    /// How many of `bytes` a read or a write is to ask for.
    @inline(__always)
    static func length(_ call: SystemCall, _ path: String, _ bytes: Int) -> Int {
        guard isInForce, bytes > 1 else { return bytes }
        return watches(of: path).reduce(bytes) { max(1, min($0, $1.length(call, path, bytes))) }
    }

    static func succeeded(_ call: SystemCall, _ path: String) {
        for watch in watches(of: path) { watch.success(call, path) }
    }
}
