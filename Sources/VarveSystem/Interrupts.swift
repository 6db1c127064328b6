import CSystem
import Glibc
import Synchronization

/// The wish of a person or the system that this process end, for long loops to poll.
public enum Interrupts {
    private static let requested = Atomic(false)

    /// Notes SIGINT and SIGTERM from now on and ignores SIGPIPE and SIGXFSZ; a second SIGINT kills at once.
    public static func install() {
        // Touched here so that the handler never is the one to initialise it.
        requested.store(false, ordering: .relaxed)
        let note: @convention(c) (Int32) -> Void = { _ in Interrupts.request() }
        varve_handle(SIGINT, note, Int32(bitPattern: UInt32(SA_RESETHAND)))
        varve_handle(SIGTERM, note, 0)
        ignoreWriteSignals()
    }

    /// A write to a pipe that nobody reads becomes EPIPE, and one beyond `ulimit -f` EFBIG, instead of
    /// the end of the process.
    public static func ignoreWriteSignals() {
        _ = signal(SIGPIPE, SIG_IGN)
        _ = signal(SIGXFSZ, SIG_IGN)
    }

    private static func request() { requested.store(true, ordering: .relaxed) }

    /// True once the process was asked to end.
    public static var isRequested: Bool { requested.load(ordering: .relaxed) }
}
