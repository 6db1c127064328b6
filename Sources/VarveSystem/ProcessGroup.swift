import CSystem
import Glibc

/// A program in a process group of its own; what it writes goes to this process's standard error.
public final class ProcessGroup {
    public enum Outcome: Sendable, Equatable {
        case ended(ProcessEnd)
        case timedOut, interrupted
    }

    /// Between SIGTERM and SIGKILL.
    private static let graceNanoseconds: Int64 = 5_000_000_000
    private static let napNanoseconds = 10_000_000

    private let leader: pid_t
    private var end: ProcessEnd?

    /// Finds `program` as a shell does and starts it in `directory`; `environment` adds to this process's own.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        directory: String
    ) throws(SystemError) {
        var spawn = Spawn()
        spawn.leadGroup()
        spawn.enter(directory)
        spawn.connect(STDERR_FILENO, to: STDOUT_FILENO)
        leader = try spawn.start(program, arguments, environment)
    }

    deinit {
        if end == nil {
            kill(-leader, SIGKILL)
            reap(0)
        }
    }

    /// Waits for the program's end, at most so many seconds; then, or when this process is interrupted, ends the
    /// whole group. What the program leaves behind when it ends by itself goes on.
    public func run(seconds: Int, isInterruptible: Bool) -> Outcome {
        let limit = Clock.monotonicNanoseconds() + Int64(seconds) * 1_000_000_000
        while true {
            reap(WNOHANG)
            if let end { return .ended(end) }
            if isInterruptible, Interrupts.isRequested {
                stop()
                return .interrupted
            }
            guard Clock.monotonicNanoseconds() < limit else {
                stop()
                return .timedOut
            }
            nap()
        }
    }

    /// Asks the group to end, and makes it.
    private func stop() {
        kill(-leader, SIGTERM)
        // Stopped processes hear nothing else.
        kill(-leader, SIGCONT)
        let limit = Clock.monotonicNanoseconds() + Self.graceNanoseconds
        // The group is there as long as one of its processes is.
        while kill(-leader, 0) == 0 {
            if Clock.monotonicNanoseconds() > limit {
                kill(-leader, SIGKILL)
                break
            }
            reap(WNOHANG)
            nap()
        }
        reap(0)
    }

    private func nap() {
        var time = timespec(tv_sec: 0, tv_nsec: Self.napNanoseconds)
        nanosleep(&time, nil)
    }

    private func reap(_ options: Int32) {
        guard end == nil else { return }
        var status: Int32 = 0
        var found: pid_t
        repeat { found = waitpid(leader, &status, options) } while found < 0 && errno == EINTR
        if found == leader { end = ProcessEnd(waitStatus: status) }
    }
}
