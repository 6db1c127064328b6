import Synchronization
import VarveRepository
import VarveSystem

/// What a command says: results on standard output, all else on standard error.
final class Console: Sendable {
    enum Style { case text, json }

    enum Verbosity: Int, Comparable {
        case quiet, normal, verbose

        static func < (a: Verbosity, b: Verbosity) -> Bool { a.rawValue < b.rawValue }
    }

    let style: Style
    let verbosity: Verbosity
    private let pending = Mutex<[UInt8]>([])
    private let live = Mutex("")

    /// Never closed, so that nothing else gets their numbers.
    static let input = File(descriptor: 0, path: "standard input")
    static let output = File(descriptor: 1, path: "standard output")
    static let errors = File(descriptor: 2, path: "standard error")

    private static let pendingBytesMax = 64 << 10

    init(style: Style, verbosity: Verbosity) {
        self.style = style
        self.verbosity = verbosity
    }

    var isJSON: Bool { style == .json }

    /// A line of the result itself, kept until there are many or the command ends.
    func print(_ line: String) throws {
        try pending.withLock { pending in
            pending.append(contentsOf: line.utf8)
            pending.append(UInt8(ascii: "\n"))
            if pending.count >= Self.pendingBytesMax { try Self.write(&pending) }
        }
    }

    /// A line of JSON that stands for itself.
    func emit(_ value: JSONValue) throws { try print(value.line) }

    /// A line for people that a quiet command leaves out.
    func say(_ line: String) throws {
        if !isJSON, verbosity > .quiet { try print(line) }
    }

    /// Writes what was printed so far.
    func flush() throws { try pending.withLock { try Self.write(&$0) } }

    /// Called with the lock held, so that lines of several threads never mix.
    private static func write(_ pending: inout [UInt8]) throws {
        let bytes = pending
        pending = []
        if !bytes.isEmpty { try output.write(bytes) }
    }

    /// A line on standard error, for people only.
    func warn(_ line: String) {
        if !isJSON { complain("varve: " + line) }
    }

    /// A JSON line on standard error.
    func complain(_ value: JSONValue) { complain(value.line) }

    /// Says why the command ends.
    func report(_ failure: Failure) {
        guard !failure.message.isEmpty else { return }
        guard isJSON else { return complain("varve: " + failure.message) }
        complain([
            "message_type": "exit_error", "code": .integer(Int(failure.status)),
            "message": .text(failure.message),
        ])
    }

    /// Shows a line that the next one replaces; an empty one takes it away.
    func show(live line: String) {
        live.withLock { live in
            guard live != line else { return }
            live = line
            Self.write(toErrors: "\r" + line + "\u{1b}[K")
        }
    }

    private func complain(_ line: String) {
        // What was said before comes before.
        try? flush()
        live.withLock { live in
            guard !live.isEmpty else { return Self.write(toErrors: line + "\n") }
            Self.write(toErrors: "\r\u{1b}[K" + line + "\n" + live)
        }
    }

    /// A line on standard error, before there is a console.
    static func complain(_ line: String) { write(toErrors: line + "\n") }

    private static func write(toErrors text: String) {
        // Nobody is left to hear that standard error is closed.
        try? errors.write(Array(text.utf8))
    }
}
