import CFuse
import Glibc
import Synchronization
import VarveFormat
import VarveSystem

/// One mount, and the threads that answer the kernel.
struct FuseSession: ~Copyable {
    private let library: FuseLibrary
    /// Unchecked: libfuse lets several threads use a session at once.
    private struct Handle: @unchecked Sendable { let session: FuseLibrary.Session }

    private let handle: Handle
    private let operations: FuseOperations
    private let path: String

    /// Mounts on `path`.
    init(_ operations: FuseOperations, on path: String, _ options: [String]) throws(MountError) {
        let library = operations.library
        FuseLog.take(from: library)
        var calls = FuseCalls.table()
        let made = Self.withArguments(["varve", "-o", options.joined(separator: ",")]) {
            library.newSession(
                $0, &calls, MemoryLayout<fuse_lowlevel_ops>.size,
                Unmanaged.passUnretained(operations).toOpaque())
        }
        guard let made else { throw MountPoint.refusal(path, said: FuseLog.last) }
        guard library.mount(made, path) == 0 else {
            library.destroy(made)
            throw MountPoint.refusal(path, said: FuseLog.last)
        }
        self.library = library
        self.operations = operations
        handle = Handle(session: made)
        self.path = path
        operations.storing.begin(made, library)
    }

    deinit {
        // Detached also while it is in use.
        library.unmount(handle.session)
        library.destroy(handle.session)
    }

    /// Answers the kernel until `isStopped`, or until somebody has unmounted; true for the latter.
    func serve(threads count: Int, until isStopped: () -> Bool) throws -> Bool {
        let (library, handle) = (library, handle)
        let ended = Counter()
        let threads = try WorkerThreads.start(count: count, name: "fuse") { _ in
            defer { ended.add() }
            Self.work(library, handle.session)
        }
        readFurtherAhead()
        while ended.value == 0, !isStopped() { Clock.sleep(nanoseconds: Self.lookEvery) }
        let isUnmounted = library.hasExited(handle.session) != 0
        library.exit(handle.session)
        // A thread may be about to wait for the kernel when it is interrupted.
        while ended.value < count {
            threads.interruptCalls()
            Clock.sleep(nanoseconds: Self.interruptEvery)
        }
        try threads.join()
        return isUnmounted
    }

    /// Lets the kernel ask for more at once where somebody reads in order. Only root may say so, and all
    /// works without.
    private func readFurtherAhead() {
        guard let status = try? File.status(of: path) else { return }
        let device = Node.Device(number: status.device)
        let place = "/sys/class/bdi/\(device.major):\(device.minor)/read_ahead_kb"
        try? File.openToWrite(place).write(Array("\(MountLimits.readAheadKibibytes)\n".utf8))
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .acquiring) }
        func add() { count.wrappingAdd(1, ordering: .releasing) }
    }

    /// In nanoseconds; a signal ends the wait at once.
    private static let lookEvery: Int64 = 50_000_000
    private static let interruptEvery: Int64 = 2_000_000

    private static func work(_ library: FuseLibrary, _ session: FuseLibrary.Session) {
        var request = fuse_buf()
        defer { free(request.mem) }
        while library.hasExited(session) == 0 {
            let count = library.receive(session, &request)
            if count == -EINTR || count == -EAGAIN { continue }
            guard count > 0 else {
                // Unmounted, or nothing more can be had.
                library.exit(session)
                return
            }
            library.process(session, &request)
        }
    }

    private static func withArguments<Answer>(
        _ words: [String], _ body: (UnsafeMutablePointer<fuse_args>) -> Answer
    ) -> Answer {
        var pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { pointers in
            var arguments = fuse_args(
                argc: Int32(words.count), argv: pointers.baseAddress, allocated: 0)
            return body(&arguments)
        }
    }
}
