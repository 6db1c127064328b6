import CSystem
import Glibc
import Synchronization

/// How a process ended.
public enum ProcessEnd: Sendable, Equatable {
    case exited(Int32)
    case signalled(Int32)

    public var isSuccess: Bool { self == .exited(0) }

    /// From what `waitpid` says of a process that has ended.
    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }
}

extension ProcessEnd: CustomStringConvertible {
    public var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signalled(let number): "signal \(number)"
        }
    }
}

/// A program that runs beside this one and whose standard output this one reads.
///
/// Its standard input is empty. It is killed and waited for when the last reference goes away.
public final class ChildProcess: Sendable {
    /// What becomes of the program's standard error.
    public enum ErrorOutput: Sendable {
        case inherited
        /// Its last bytes are kept, at most `bytes`.
        case tail(bytes: Int)
    }

    public let program: String
    /// Standard output, to be read to its end before `wait()`.
    public let output: File
    private let process: pid_t
    private let leadsGroup: Bool
    private let end = Mutex<ProcessEnd?>(nil)
    private let errorTail: ErrorTail?

    /// Finds `program` as a shell does and starts it; `environment` adds to this process's own. It leads a
    /// process group of its own when told, which is killed with it.
    public init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        errorOutput: ErrorOutput = .inherited, leadsGroup: Bool = false, directory: String? = nil
    ) throws(SystemError) {
        if let number = FileFaults.fault(.spawn, program) {
            throw SystemError(.spawn, program, errno: number)
        }
        let pipe = try Pipe(to: program)
        var spawn = Spawn()
        if leadsGroup { spawn.leadGroup() }
        if let directory { spawn.enter(directory) }
        self.leadsGroup = leadsGroup
        spawn.connect(pipe.writeEnd.descriptor, to: STDOUT_FILENO)
        switch errorOutput {
        case .inherited:
            process = try spawn.start(program, arguments, environment)
            errorTail = nil
        case .tail(let bytes):
            let errors = try Pipe(to: program)
            spawn.connect(errors.writeEnd.descriptor, to: STDERR_FILENO)
            process = try spawn.start(program, arguments, environment)
            errorTail = ErrorTail(of: errors.keepReadEnd(), limit: bytes)
        }
        self.program = program
        output = pipe.keepReadEnd()
        try errorTail?.startReading()
    }

    deinit {
        if end.withLock({ $0 == nil }) {
            kill(leadsGroup ? -process : process, SIGKILL)
            _ = reap()
        }
    }

    /// Waits for the end; answers again when called again.
    public func wait() throws(SystemError) -> ProcessEnd {
        // Waiting leaves the process unreaped, so that `terminate` cannot meet a reused number.
        var information = siginfo_t()
        if let end = end.withLock({ $0 }) { return end }
        do throws(SystemError) {
            try attempt(.waitForProcess, program) {
                waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT)
            }
        } catch  where error.errno == ECHILD {
            if let end = end.withLock({ $0 }) { return end }
            throw error
        }
        let result = reap()
        errorTail?.finish()
        return result
    }

    /// Asks the program to end, once more or not at all if it has already ended.
    public func terminate() {
        end.withLock { if $0 == nil { kill(leadsGroup ? -process : process, SIGTERM) } }
    }

    /// Makes the program end, and what else is in its group: asked first, killed after so many nanoseconds.
    public func end(graceNanoseconds: Int64) {
        terminate()
        let limit = Clock.monotonicNanoseconds() + graceNanoseconds
        while !isOver, Clock.monotonicNanoseconds() < limit {
            Clock.sleep(nanoseconds: 10_000_000)
        }
        end.withLock { if $0 == nil { kill(leadsGroup ? -process : process, SIGKILL) } }
        _ = reap()
    }

    /// Whether it has ended, and waits to be reaped or was.
    private var isOver: Bool {
        end.withLock { end in
            if end != nil { return true }
            var information = siginfo_t()
            let answer = waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT | WNOHANG)
            return answer < 0 || information.si_signo != 0
        }
    }

    /// Whether the program has not ended yet.
    public var isRunning: Bool {
        end.withLock { end in
            var information = siginfo_t()
            guard end == nil,
                waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT | WNOHANG) == 0
            else { return false }
            // Zero for a process that is still at it.
            return information.si_signo == 0
        }
    }

    /// Asks the program to end at once, with SIGQUIT, unless it has already ended.
    public func quit() {
        end.withLock { if $0 == nil { kill(process, SIGQUIT) } }
    }

    /// The last bytes of standard error, as text; complete after `wait()`.
    public var errorText: String { errorTail?.text ?? "" }

    private func reap() -> ProcessEnd {
        end.withLock { end in
            if let end { return end }
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
            let result = ProcessEnd(waitStatus: status)
            end = result
            return result
        }
    }
}
