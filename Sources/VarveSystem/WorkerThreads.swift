import CSystem
import Glibc
import Synchronization

/// Threads of this process's own for blocking work, which must never run on the cooperative pool.
public final class WorkerThreads: Sendable {
    public typealias Body = @Sendable (_ index: Int) throws -> Void

    /// The stack of a thread that is not told otherwise, in bytes.
    public static let stackBytes = 1 << 20

    private enum Gate { case open, cancelled }

    private let name: String
    private let body: Body
    // Held closed until every thread exists, so that none waits for one that could not be started.
    private let gate = Mutex(Gate.open)
    private let firstError = Mutex<(any Error)?>(nil)
    private let threads = Mutex<[pthread_t]>([])

    private init(name: String, body: @escaping Body) {
        self.name = name
        self.body = body
    }

    /// Runs `body` with 0 ..< count, each on a thread of its own, and returns when all have ended.
    ///
    /// Throws the first error in time; the other threads are not told, they end by themselves.
    public static func run(
        count: Int, name: String = "worker", stackBytes: Int = stackBytes,
        _ body: @Sendable (_ index: Int) throws -> Void
    ) throws {
        try withoutActuallyEscaping(body) { body in
            let workers = try start(count: count, name: name, stackBytes: stackBytes, body)
            try workers.join()
        }
    }

    /// Starts the threads, all or none; the caller must `join()`.
    public static func start(
        count: Int, name: String = "worker", stackBytes: Int = stackBytes, _ body: @escaping Body
    ) throws(SystemError) -> WorkerThreads {
        let workers = WorkerThreads(name: name, body: body)
        try workers.create(count, stackBytes: stackBytes)
        return workers
    }

    /// Waits until all have ended, then throws the first error that one of them threw.
    public func join() throws {
        waitForAll()
        if let error = firstError.withLock({ $0 }) { throw error }
    }

    /// Ends a system call in which a thread of these blocks with EINTR, if it is one that signals interrupt.
    ///
    /// One that is about to block is not reached: call it again until the thread has noticed what it
    /// shall notice. Not to be called after `join()`.
    public func interruptCalls() {
        // Ignored by everybody who does not ask for it, so that a late one does no harm.
        varve_handle(SIGURG, { _ in }, 0)
        threads.withLock { threads in
            for thread in threads { pthread_kill(thread, SIGURG) }
        }
    }

    private func waitForAll() {
        let joinable = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in joinable { pthread_join(thread, nil) }
    }

    private func create(_ count: Int, stackBytes: Int) throws(SystemError) {
        let code = gate.withLock { gate -> Int32 in
            for index in 0..<count {
                let code = createThread(index, stackBytes: stackBytes)
                if code != 0 {
                    gate = .cancelled
                    return code
                }
            }
            return 0
        }
        if code != 0 {
            waitForAll()
            throw SystemError(.startThread, name, errno: code)
        }
    }

    private func createThread(_ index: Int, stackBytes: Int) -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, max(stackBytes, 64 << 10))
        var thread = pthread_t()
        let start = Unmanaged.passRetained(ThreadStart(workers: self, index: index))
        let code = pthread_create(&thread, &attributes, { runThread($0) }, start.toOpaque())
        if code == 0 {
            threads.withLock { $0.append(thread) }
        } else {
            start.release()
        }
        return code
    }

    /// The signal of `interruptCalls` reaches the thread, also if it was blocked in the one that made it, as
    /// it is in those of the cooperative pool.
    private static func letCallsBeInterrupted() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGURG)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    fileprivate func work(_ index: Int) {
        // The kernel keeps 15 bytes of a name.
        _ = varve_name_thread("\(name.prefix(11))-\(index)")
        Self.letCallsBeInterrupted()
        guard gate.withLock({ $0 == .open }) else { return }
        do {
            try body(index)
        } catch {
            firstError.withLock { if $0 == nil { $0 = error } }
        }
    }
}

/// What a new thread is handed.
private final class ThreadStart: Sendable {
    let workers: WorkerThreads
    let index: Int

    init(workers: WorkerThreads, index: Int) {
        self.workers = workers
        self.index = index
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    start.workers.work(start.index)
    return nil
}
