public import VarveSystem

/// The PostgreSQL server that the tests may use, or one of a test's own; see docs/TESTING.md.
public struct PostgresServer: Sendable {
    /// The directory of its socket; connections from there need no password.
    public let socket: String
    public let port: Int

    /// Its superuser, and the password that it has over loopback.
    public static let user = "varve"
    public static let password = "varve-test-secret"

    /// What `VARVE_TEST_POSTGRES` says: `SOCKET:PORT`.
    public static let current: PostgresServer? = {
        let words = Environment.value("VARVE_TEST_POSTGRES")?.split(separator: ":") ?? []
        guard words.count == 2, let port = Int(words[1]) else { return nil }
        return PostgresServer(socket: String(words[0]), port: port)
    }()

    /// Whether there is one; tests that need it are skipped otherwise.
    public static var isThere: Bool { current != nil }

    /// Of a database, over the socket.
    public func url(_ database: String, user: String = user) -> String {
        let host = socket.replacing("/", with: "%2F")
        return "postgres://\(user)@\(host):\(port)/\(database)"
    }

    /// What `psql` prints of the rows that some statements answer, run as the superuser or somebody else.
    @discardableResult
    public func sql(
        _ statements: String, in database: String = "postgres", user: String = user,
        _ options: [String] = []
    ) throws -> String {
        try run(
            "psql",
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"] + options + [
                "-c", statements,
            ], in: database, user: user)
    }

    /// Runs a client program, which must succeed: what it prints.
    @discardableResult
    public func run(
        _ program: String, _ arguments: [String], in database: String, user: String = user
    ) throws -> String {
        let process = try start(program, arguments, in: database, user: user)
        let output = try process.output.contents(limit: 1 << 28)
        guard try process.wait().isSuccess else {
            throw Overdue(description: "\(program): \(process.errorText)")
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Starts a client program.
    public func start(
        _ program: String, _ arguments: [String], in database: String, user: String = user
    ) throws -> ChildProcess {
        try ChildProcess(
            program, arguments,
            environment: [
                "PGHOST": socket, "PGPORT": "\(port)", "PGUSER": user, "PGDATABASE": database,
            ], errorOutput: .tail(bytes: 16 << 10))
    }
}

/// A server that a test may kill; it ends with its last reference.
public final class OwnPostgresServer: Sendable {
    public let server: PostgresServer
    /// The id of its first process.
    public let process: Int32
    private let scratch: ScratchDirectory

    /// `options` are those of `tools/testbeds/postgres`.
    public init(_ options: [String] = []) throws {
        scratch = try ScratchDirectory()
        let script = try ChildProcess(Testbed.script("postgres"), [scratch.path] + options)
        let output = try script.output.contents(limit: 1 << 16)
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        guard try script.wait().isSuccess, lines.count == 3, let port = Int(lines[1]),
            let process = Int32(lines[2])
        else { throw Overdue(description: "PostgreSQL did not start") }
        server = PostgresServer(socket: String(lines[0]), port: port)
        self.process = process
    }

    deinit { stop() }

    /// Ends it at once, as when the machine loses power.
    public func stop() {
        _ = try? ChildProcess(Testbed.script("postgres"), ["--stop", scratch.path]).wait()
    }
}
