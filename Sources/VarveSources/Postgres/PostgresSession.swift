import VarveArchive

/// What a connection is set to before it is used.
enum PostgresSession {
    /// The oldest servers that are dumped and restored to: generated columns came with 12.
    static let serverVersionMin = 120_000

    /// Connects as `pg_dump` does, and sets what it sets, so that what is read means the same everywhere.
    static func open(_ url: PostgresURL) throws -> PostgresConnection {
        let connection = try PostgresConnection(url)
        let version = connection.serverVersion
        guard version >= serverVersionMin else {
            throw SourceError(
                "the server is PostgreSQL \(PostgresVersion(version)); Varve needs 12 or later")
        }
        var settings = [
            ("search_path", ""), ("client_encoding", encoding(of: connection)),
            ("datestyle", "ISO"),
            ("intervalstyle", "postgres"), ("extra_float_digits", "3"), ("bytea_output", "hex"),
            ("synchronize_seqscans", "off"), ("statement_timeout", "0"), ("lock_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"), ("row_security", "off"),
            ("standard_conforming_strings", "on"),
        ]
        if version >= 140_000 { settings.append(("idle_session_timeout", "0")) }
        if version >= 170_000 { settings.append(("transaction_timeout", "0")) }
        let calls = settings.map { name, value in
            "pg_catalog.set_config('\(name)', \(SQLText.literal(value)), false)"
        }
        try connection.run("SELECT " + calls.joined(separator: ", "))
        return connection
    }

    /// What names, definitions and statements are in. Of a database without an encoding nothing can be converted.
    static func encoding(of connection: PostgresConnection) -> String {
        connection.parameter("server_encoding") == asciiEncoding ? asciiEncoding : "UTF8"
    }

    static let asciiEncoding = "SQL_ASCII"

    /// Begins a transaction that sees the database at one moment; of its own, or of an exported snapshot.
    static func beginReading(
        _ connection: PostgresConnection, snapshot: String? = nil
    ) throws {
        try connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        guard let snapshot else { return }
        try connection.run("SET TRANSACTION SNAPSHOT " + SQLText.literal(snapshot))
    }
}

/// A version as a server's number, such as 150018 for 15.18.
struct PostgresVersion: Sendable, Equatable, Comparable, CustomStringConvertible {
    let number: Int

    init(_ number: Int) { self.number = number }

    /// From the first words of digits and dots in `text`, such as `pg_dump (PostgreSQL) 15.18 (Debian ...)`.
    init?(programVersion text: String) {
        let word = text.split(separator: " ").first { $0.first?.isNumber == true }
        let parts = word?.split(separator: ".").map { $0.prefix(while: \.isNumber) } ?? []
        guard let first = parts.first, let major = Int(first) else { return nil }
        let minor = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        number = major * 10_000 + minor
    }

    var major: Int { number / 10_000 }
    var description: String { "\(major).\(number % 10_000)" }

    static func < (first: PostgresVersion, second: PostgresVersion) -> Bool {
        first.number < second.number
    }
}
