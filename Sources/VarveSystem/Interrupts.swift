import CSystem
import Glibc
import Synchronization

/// The wish of a person or the system that this process end, for long loops to poll.
public enum Interrupts {
    private static let requested = Atomic<Int32>(0)

    /// Notes SIGINT and SIGTERM from now on and ignores SIGPIPE and SIGXFSZ; a second SIGINT kills at once.
    public static func install() {
        // Touched here so that the handler never is the one to initialise it.
        requested.store(0, ordering: .relaxed)
        let note: @convention(c) (Int32) -> Void = { Interrupts.request(signal: $0) }
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

    /// Asks for the end as a signal would.
    public static func request(signal number: Int32? = nil) {
        requested.store(number ?? SIGTERM, ordering: .relaxed)
    }

    /// True once the process was asked to end.
    public static var isRequested: Bool { requested.load(ordering: .relaxed) != 0 }

    /// The signal that asked, for the exit status (128 + number); nil when none did.
    public static var signalNumber: Int32? {
        let number = requested.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }
}
