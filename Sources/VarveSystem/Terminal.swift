import CSystem
import Glibc
import Synchronization

/// The terminal that a person may sit at.
public enum Terminal {
    public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Columns; nil when the descriptor is no terminal.
    public static func width(_ descriptor: Int32 = 1) -> Int? {
        let columns = varve_columns(descriptor)
        return columns > 0 ? Int(columns) : nil
    }

    /// Asks for a line at the process's terminal, without showing it; the line's end is left out.
    ///
    /// The terminal is set back also when a signal ends or stops the process. ENXIO without a
    /// terminal, EINTR after an interrupt, or when the person ended the input without a character.
    public static func readPassphrase(prompt: String) throws(SystemError) -> [UInt8] {
        let path = "/dev/tty"
        let number = try attempt(.terminal, path) { open(path, O_RDWR | O_NOCTTY | O_CLOEXEC) }
        let terminal = File(descriptor: number, path: path)
        while true {
            if let line = try askOnce(prompt, at: terminal) { return line }
        }
    }

    /// Nil after the process was stopped and goes on: the question has to be asked again. EINTR after
    /// any other signal, should the process outlive it.
    private static func askOnce(
        _ prompt: String, at terminal: borrowing File
    ) throws(SystemError) -> [UInt8]? {
        let number = terminal.descriptor
        var old = termios()
        try attempt(.terminal, terminal.path) { tcgetattr(number, &old) }
        var silent = old
        silent.c_lflag &= ~tcflag_t(ECHO)
        silent.c_lflag |= tcflag_t(ECHONL)
        let signals = CaughtSignals()
        try attempt(.terminal, terminal.path) { tcsetattr(number, TCSAFLUSH, &silent) }
        let line: [UInt8]?
        do throws(SystemError) {
            try terminal.write(Array(prompt.utf8))
            line = try readLine(at: terminal)
        } catch {
            tcsetattr(number, TCSAFLUSH, &old)
            signals.endCatching()
            throw error
        }
        tcsetattr(number, TCSAFLUSH, &old)
        signals.endCatching()
        return line
    }

    private static func readLine(at terminal: borrowing File) throws(SystemError) -> [UInt8]? {
        var line: [UInt8] = []
        let lineEnd = UInt8(ascii: "\n")
        while line.last != lineEnd {
            if CaughtSignals.caught == SIGTSTP { return nil }
            if CaughtSignals.caught != 0 {
                throw SystemError(.terminal, terminal.path, errno: EINTR)
            }
            // The signal may have hit another thread, so look at the note from time to time.
            var request = pollfd(fd: terminal.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&request, 1, 100) <= 0 { continue }
            var bytes = [UInt8](repeating: 0, count: 1024)
            var room = bytes.mutableSpan
            let count = try room.withUnsafeMutableBytes { (buffer) throws(SystemError) in
                try terminal.read(into: buffer)
            }
            if count == 0 {
                if line.isEmpty { throw SystemError(.terminal, terminal.path, errno: EINTR) }
                return line
            }
            line += bytes[..<count]
        }
        return line.dropLast()
    }
}

/// Signals that arrive while the terminal shows nothing: noted, and sent again afterwards.
private struct CaughtSignals: ~Copyable {
    private static let note = Atomic<Int32>(0)
    private static let numbers = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]
    private var old: [(Int32, sigaction)] = []

    static var caught: Int32 { note.load(ordering: .relaxed) }

    init() {
        // Touched here so that the handler never is the one to initialise it.
        Self.note.store(0, ordering: .relaxed)
        for number in Self.numbers {
            var before = sigaction()
            sigaction(number, nil, &before)
            old.append((number, before))
            varve_handle(number, { CaughtSignals.note.store($0, ordering: .relaxed) }, 0)
        }
    }

    consuming func endCatching() {
        for (number, before) in old {
            var before = before
            sigaction(number, &before, nil)
        }
        let caught = Self.caught
        if caught != 0 { kill(getpid(), caught) }
    }
}
