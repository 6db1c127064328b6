import CPostgres
import VarveArchive
import VarveSystem

/// A connection to a PostgreSQL server; of one thread at a time.
///
/// Nothing that it does blocks without a look at `Interrupts`: it throws `ArchiveError.interrupted`.
final class PostgresConnection: @unchecked Sendable {
    // Unchecked: whoever has it takes care that only one thread uses it at a time.
    private let library: PostgresLibrary
    private let connection: PostgresLibrary.Connection

    /// Whether this thread does what must be done even when the process is to end.
    @TaskLocal private static var isUnstoppable = false

    /// Runs `body` without a look at interrupts.
    static func unstoppable<Answer>(_ body: () throws -> Answer) rethrows -> Answer {
        try $isUnstoppable.withValue(true) { try body() }
    }

    private static var isInterrupted: Bool { Interrupts.isRequested && !isUnstoppable }

    /// How long the server may be silent before interrupts are looked at.
    private static let listenMilliseconds: Int32 = 200

    /// Connects, and gives every session what `pg_dump` gives its own.
    init(_ url: PostgresURL) throws {
        library = try PostgresLibrary.loaded
        let given = url.options.given
        let names = given.map(\.name) + ["fallback_application_name"]
        let values = given.compactMap(\.value) + ["varve"]
        let library = library
        let started = withTexts(names) { names in
            withTexts(values) { values in library.connectStart(names, values, 0) }
        }
        guard let started else { throw SourceError("libpq has no memory for a connection") }
        connection = started
        _ = library.ignoreNotices(connection, { _, _ in }, nil)
        try connect(seconds: url.options["connect_timeout"].flatMap { Int64($0) } ?? 0)
    }

    deinit { library.finish(connection) }

    private func connect(seconds: Int64) throws {
        let start = Clock.monotonicNanoseconds()
        var wanted = PGRES_POLLING_WRITING
        guard library.status(connection) != CONNECTION_BAD else { throw failure() }
        while wanted != PGRES_POLLING_OK {
            if Self.isInterrupted { throw ArchiveError.interrupted }
            let age = Clock.monotonicNanoseconds() - start
            if seconds > 0, age > seconds * 1_000_000_000 {
                throw SourceError("the server did not answer within \(seconds) s")
            }
            let descriptor = library.socket(connection)
            let isReady =
                wanted == PGRES_POLLING_READING
                ? try DescriptorWaiting.wait(
                    for: descriptor, milliseconds: Self.listenMilliseconds)
                : try DescriptorWaiting.waitForRoom(
                    of: descriptor, milliseconds: Self.listenMilliseconds)
            guard isReady else { continue }
            wanted = library.connectPoll(connection)
            if wanted == PGRES_POLLING_FAILED { throw failure() }
        }
        guard library.setNonblocking(connection, 1) == 0 else { throw failure() }
    }

    /// As 150018 for 15.18.
    var serverVersion: Int { Int(library.serverVersion(connection)) }

    /// What the server reports of itself, such as `server_version`.
    func parameter(_ name: String) -> String? {
        library.parameterStatus(connection, name).map { String(cString: $0) }
    }

    /// The server that this is connected to, of several that may have been named.
    var host: String { library.host(connection).map { String(cString: $0) } ?? "" }
    var port: String { library.port(connection).map { String(cString: $0) } ?? "" }
    var user: String { library.user(connection).map { String(cString: $0) } ?? "" }

    // Statements

    /// Runs one or more statements and answers the rows of the last.
    @discardableResult
    func run(_ statements: String) throws -> [[String?]] {
        try send(statements)
        var rows: [[String?]] = []
        while let result = try nextResult() {
            defer { library.clear(result) }
            switch library.resultStatus(result) {
            case PGRES_TUPLES_OK: rows = self.rows(of: result)
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: rows = []
            default: throw try failure(result)
            }
        }
        return rows
    }

    private func send(_ statements: String) throws {
        guard library.sendQuery(connection, statements) == 1 else { throw failure() }
        try flush()
    }

    private func rows(of result: PostgresLibrary.ResultSet) -> [[String?]] {
        (0..<library.rowCount(result)).map { row in
            (0..<library.columnCount(result)).map { column in
                guard library.isNull(result, row, column) == 0 else { return nil }
                return library.value(result, row, column).map { String(cString: $0) }
            }
        }
    }

    /// Waits for the next result; nil behind the last.
    private func nextResult() throws -> PostgresLibrary.ResultSet? {
        while library.isBusy(connection) == 1 { try waitForInput() }
        return library.nextResult(connection)
    }

    private func waitForInput() throws {
        if Self.isInterrupted { throw ArchiveError.interrupted }
        let descriptor = library.socket(connection)
        guard descriptor >= 0 else { throw failure() }
        if try DescriptorWaiting.wait(for: descriptor, milliseconds: Self.listenMilliseconds) {
            guard library.consumeInput(connection) == 1 else { throw failure() }
        }
    }

    /// Sends what is still to be sent.
    private func flush() throws {
        while true {
            switch library.flush(connection) {
            case 0: return
            case 1:
                if Self.isInterrupted { throw ArchiveError.interrupted }
                let descriptor = library.socket(connection)
                let isReady = try DescriptorWaiting.wait(
                    for: descriptor, orRoom: true, milliseconds: Self.listenMilliseconds)
                // The server may have to say something before it reads on.
                if isReady, library.consumeInput(connection) != 1 { throw failure() }
            default: throw failure()
            }
        }
    }

    // Copying

    /// Begins `COPY ... TO STDOUT`, to be read with `nextRow`.
    func beginCopyOut(_ statement: String) throws { try begin(statement, PGRES_COPY_OUT) }

    /// Begins `COPY ... FROM STDIN`, to be fed with `put`.
    func beginCopyIn(_ statement: String) throws { try begin(statement, PGRES_COPY_IN) }

    private func begin(_ statement: String, _ wanted: ExecStatusType) throws {
        try send(statement)
        guard let result = try nextResult() else { throw failure() }
        defer { library.clear(result) }
        guard library.resultStatus(result) == wanted else { throw try failure(result) }
    }

    /// Calls `body` with the bytes of the next row, with its newline; nil behind the last, when the
    /// server has said that the copy is complete: then how many rows it counted.
    func nextRow(_ body: (UnsafeRawBufferPointer) -> Void) throws -> Copied {
        var bytes: UnsafeMutablePointer<CChar>?
        while true {
            let count = library.getCopyData(connection, &bytes, 1)
            switch count {
            case 0: try waitForInput()
            case -1: return .end(rows: try endCopy())
            case -2: throw failure()
            default:
                body(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
                library.freeMemory(bytes)
                return .row
            }
        }
    }

    enum Copied {
        case row
        case end(rows: Int)
    }

    /// Sends bytes of rows, cut anywhere.
    func put(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceBytes))
            switch library.putCopyData(
                connection, piece.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(piece.count))
            {
            case 1: rest = rest.dropFirst(piece.count)
            case 0: break
            default: throw failure()
            }
            try flush()
        }
    }

    /// libpq moves what it has not sent yet to the front of its buffer with each part that the server takes, so that
    /// more at once costs more than it saves.
    private static let pieceBytes = 64 << 10

    /// All rows were sent: how many the server took.
    func endCopyIn() throws -> Int {
        guard library.putCopyEnd(connection, nil) == 1 else { throw failure() }
        try flush()
        return try endCopy()
    }

    /// The rows must not be taken; the server's answer is an error, which is not told.
    func abandonCopyIn() {
        guard library.putCopyEnd(connection, "given up") == 1, (try? flush()) != nil else { return }
        while let result = try? nextResult() { library.clear(result) }
    }

    private func endCopy() throws -> Int {
        var rows: Int?
        while let result = try nextResult() {
            defer { library.clear(result) }
            guard library.resultStatus(result) == PGRES_COMMAND_OK else {
                throw try failure(result)
            }
            rows = library.affectedRows(result).flatMap { Int(String(cString: $0)) }
        }
        guard let rows else {
            throw SourceError("the server did not say how many rows it copied")
        }
        return rows
    }

    /// Asks the server to stop what this connection is at; what it is at then fails.
    func cancel() {
        guard let cancel = library.makeCancel(connection) else { return }
        var reason = [CChar](repeating: 0, count: 256)
        _ = library.cancel(cancel, &reason, Int32(reason.count))
        library.freeCancel(cancel)
    }

    // Errors

    private func failure() -> SourceError {
        let text = library.errorMessage(connection).map { String(cString: $0) } ?? ""
        return SourceError(Self.sentence(text))
    }

    /// What a result says went wrong; results behind it are passed over.
    private func failure(_ result: PostgresLibrary.ResultSet) throws -> SourceError {
        let primary = library.errorField(result, Int32(UInt8(ascii: "M")))
        let detail = library.errorField(result, Int32(UInt8(ascii: "D")))
        let text = (primary ?? library.resultError(result)).map { String(cString: $0) } ?? ""
        var error = SourceError(Self.sentence(text))
        if let detail { error.description += " (" + Self.sentence(String(cString: detail)) + ")" }
        error.state = library.errorField(result, Int32(UInt8(ascii: "C"))).map {
            String(cString: $0)
        }
        while let rest = try nextResult() { library.clear(rest) }
        return error
    }

    /// libpq's lines as one sentence.
    private static func sentence(_ text: String) -> String {
        let lines = text.split(separator: "\n").map { line in
            var line = line.drop { $0 == " " || $0 == "\t" }
            for prefix in ["FATAL:", "ERROR:", "connection to server "] where line.hasPrefix(prefix)
            {
                line = line.dropFirst(prefix == "connection to server " ? 0 : prefix.count)
            }
            return String(line.drop { $0 == " " })
        }
        return lines.isEmpty ? "the connection was lost" : lines.joined(separator: "; ")
    }
}

/// Lends texts as C has them, with a null pointer behind the last.
private func withTexts<Answer>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Answer
) -> Answer {
    var all: [CChar] = []
    var starts: [Int] = []
    for text in texts {
        starts.append(all.count)
        all += text.utf8CString
    }
    return all.withUnsafeBufferPointer { all in
        let pointers = starts.map { start in all.baseAddress.map { $0 + start } } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
