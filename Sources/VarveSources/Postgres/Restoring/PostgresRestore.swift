public import VarveArchive
public import VarveFormat
public import VarveRepository
import VarveSystem

/// What of a dumped database is put back, and how.
public struct DatabaseRestoreOptions: Sendable {
    /// Exchange what is there.
    public var replaces = false
    /// End the connections of others to the database that is exchanged.
    public var forces = false
    /// Tables, and indexes, at the same time.
    public var jobs = 2
    public var parts = Parts.everything
    /// Only these tables, as `SCHEMA.TABLE`, into a database that is there.
    public var tables: [String] = []
    /// Only this schema.
    public var schema: String?
    /// The name that the one table gets.
    public var newName: String?
    public var ownership = Ownership()

    public enum Parts: Sendable, Equatable { case everything, schema, data }

    public init() {}

    /// Why these options must not exchange anything: a part of a database would take the place of all of it, or rows
    /// that of a table. Nil when they may.
    public var refusalToReplace: String? {
        guard parts != .data else { return "rows alone go into empty tables, and replace nothing" }
        guard tables.isEmpty, schema != nil || parts == .schema else { return nil }
        return
            "a part of a database does not replace all of it; restore into a new database instead, "
            + "without --replace"
    }
}

/// What was put back into a database.
public struct DatabaseRestoreReport: Sendable {
    /// As people see it.
    public var target = ""
    public var tables = 0
    public var rows = 0
    public var bytes = 0
    public var durationNanoseconds: Int64 = 0
    /// Of a whole database: definitions, rows, and the indexes that were built meanwhile; then the other indexes, keys
    /// and what else comes after the rows.
    public var loadNanoseconds: Int64 = 0
    public var indexNanoseconds: Int64 = 0
    /// What was left out, in sentences.
    public var notes: [String] = []
}

/// Puts a dumped database, or a part of it, into the server and database that `word` names.
///
/// A whole database is made beside what is there, and gets its name when it is complete; tables are put
/// into the database in one transaction. What fails leaves everything as it was.
public func restoreDatabase(
    at path: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
    to word: String, _ options: DatabaseRestoreOptions, progress: Progress
) throws -> DatabaseRestoreReport {
    let started = Clock.monotonicNanoseconds()
    if word.hasPrefix(SQLiteTree.prefix) {
        var report = try SQLiteTableRestore.restore(
            at: path, of: entry, repository, to: word, options, progress: progress)
        report.durationNanoseconds = Clock.monotonicNanoseconds() - started
        return report
    }
    let url = try PostgresURL(word)
    guard url.database != PostgresURL.everyDatabase else {
        throw SourceError(
            "\(url.name) is every database; name the one database to restore into")
    }
    var dump = try PostgresDump(at: path, named: url.database, of: entry, repository)
    dump.ownership = options.ownership
    let restore = PostgresRestore(
        dump: dump, url: url.isDatabaseGiven ? url : url.database(dump.manifest.database.name),
        options: options, progress: progress)
    do {
        var report = try restore.run()
        report.durationNanoseconds = Clock.monotonicNanoseconds() - started
        return report
    } catch let error as SourceError where error.isAboutRole {
        throw SourceError(
            "\(error.description); make the role on this server, or give --no-owner and --no-privileges"
        )
    }
}

/// One restore of one database.
struct PostgresRestore {
    let dump: PostgresDump
    let url: PostgresURL
    let options: DatabaseRestoreOptions
    let progress: Progress

    func run() throws -> DatabaseRestoreReport {
        guard options.newName == nil || options.tables.count == 1 else {
            throw SourceError("a new name is for one table; name it with --table SCHEMA.TABLE")
        }
        if let schema = options.schema { try checkSchema(schema) }
        if options.replaces, let refusal = options.refusalToReplace {
            throw SourceError(refusal)
        }
        if !options.tables.isEmpty || options.parts == .data {
            return try TableRestore(self).run()
        }
        let server = try serverConnection()
        try check(server)
        let exists = try databaseExists(url.database, server)
        guard options.replaces || !exists else {
            throw SourceError(
                "the database \(url.database) is there already; give --replace to exchange it, or name "
                    + "another one")
        }
        if exists { try refuseOthers(server) }
        let fresh = besideName("restore")
        let statements = PostgresStatements(
            old: dump.manifest.database, serverVersion: server.serverVersion,
            ownership: options.ownership)
        try server.run(statements.create(fresh))
        do {
            let report = try fill(url.database(fresh))
            for statement in statements.finish(fresh) { try server.run(statement) }
            try exchange(fresh, exists: exists, server)
            return report
        } catch {
            // Interrupts would stop this as well, so it is another connection that is asked.
            try? drop(fresh)
            throw error
        }
    }

    /// Tables of the dump that are wanted.
    var tables: [PostgresManifest.Table] {
        dump.manifest.tables.filter { options.schema == nil || $0.schema == options.schema }
    }

    // The server

    /// A connection to a database that is not the one to be made.
    private func serverConnection() throws -> PostgresConnection {
        do {
            return try PostgresSession.open(url.database("postgres"))
        } catch let error as SourceError where error.isAboutDatabase {
            return try PostgresSession.open(url.database("template1"))
        }
    }

    /// Refuses a server that cannot hold what was dumped.
    func check(_ connection: PostgresConnection) throws {
        let (here, there) = (
            PostgresVersion(connection.serverVersion), PostgresVersion(dump.manifest.serverVersion)
        )
        guard here.major >= there.major else {
            throw SourceError(
                "the server is PostgreSQL \(here), and the dump is of \(there); restore it to \(there.major) or later"
            )
        }
    }

    private func databaseExists(_ name: String, _ server: PostgresConnection) throws -> Bool {
        let query = "SELECT FROM pg_catalog.pg_database WHERE datname = \(SQLText.literal(name))"
        return try !server.run(query).isEmpty
    }

    /// Programs that are connected; the server's own processes give way by themselves.
    private func others(_ server: PostgresConnection) throws -> Int {
        let rows = try server.run(
            """
            SELECT count(*) FROM pg_catalog.pg_stat_activity
            WHERE datname = \(SQLText.literal(url.database)) AND pid <> pg_catalog.pg_backend_pid()
                AND backend_type = 'client backend'
            """)
        return rows.first?.first.flatMap { $0.flatMap { Int($0) } } ?? 0
    }

    /// How often it is looked whether others have left, and how long it is waited between, in nanoseconds.
    private static let looksAtOthers = 20
    private static let pauseNanoseconds: Int64 = 100_000_000

    /// It is better to know before than after hours of work.
    private func refuseOthers(_ server: PostgresConnection) throws {
        guard !options.forces else { return }
        var count = try others(server)
        // One that has just said goodbye is still counted for a moment.
        for _ in 0..<Self.looksAtOthers where count > 0 {
            Clock.sleep(nanoseconds: Self.pauseNanoseconds)
            count = try others(server)
        }
        guard count == 0 else {
            throw SourceError(
                "\(count) others are connected to \(url.database); end their connections, or give --force"
            )
        }
    }

    /// A name for a database beside the target, which whoever finds it can tell what it was.
    private func besideName(_ role: String) -> String {
        let target = String(decoding: url.database.utf8.prefix(24), as: UTF8.self)
        return "varve_\(role)_\(target)_\(randomName(byteCount: 6))"
    }

    /// Gives the new database its name; the old one goes when that is done.
    private func exchange(
        _ fresh: String, exists: Bool, _ server: PostgresConnection
    ) throws {
        let name = SQLText.identifier(url.database)
        let rename = "ALTER DATABASE \(SQLText.identifier(fresh)) RENAME TO \(name)"
        guard exists else {
            try server.run(rename)
            return
        }
        if options.forces {
            try server.run(
                """
                SELECT pg_catalog.pg_terminate_backend(pid, 5000) FROM pg_catalog.pg_stat_activity
                WHERE datname = \(SQLText.literal(url.database)) AND pid <> pg_catalog.pg_backend_pid()
                """)
        }
        let old = SQLText.identifier(besideName("old"))
        try server.run("BEGIN")
        do {
            try server.run("ALTER DATABASE \(name) RENAME TO \(old)")
            try server.run(rename)
            try server.run("COMMIT")
        } catch {
            _ = try? server.run("ROLLBACK")
            throw error
        }
        try server.run("DROP DATABASE \(old)")
    }

    /// Waits for it even when the process is to end: it must not stay.
    func drop(_ name: String) throws {
        _ = try PostgresConnection.unstoppable {
            try serverConnection().run(
                "DROP DATABASE IF EXISTS \(SQLText.identifier(name)) WITH (FORCE)")
        }
    }

    // Filling

    private func fill(_ fresh: PostgresURL) throws -> DatabaseRestoreReport {
        let started = Clock.monotonicNanoseconds()
        let before = try dump.parsedScript("schema-pre.sql").only(options.schema)
        let everythingAfter = try dump.parsedScript("schema-post.sql")
        let after = everythingAfter.only(options.schema)
        let tables = tables
        let bytes = tables.reduce(0) { $0 + $1.bytes }
        progress.expect(files: tables.count, bytes: bytes)
        let first = try PostgresSession.open(fresh)
        do {
            try first.run(before.whole)
        } catch {
            throw SourceError.naming("schema-pre.sql", try placed(error, before, fresh))
        }
        var report = DatabaseRestoreReport()
        report.target = url.name
        report.notes = schemaNotes(everythingAfter)
        let isWhole = options.parts == .everything
        let building = PostDataBuilding(
            isWhole ? after : after.without(["MATERIALIZED VIEW DATA"]), tables: tables,
            areLoaded: !isWhole, jobs: options.jobs
        ) { try PostgresSession.open(fresh) }
        if isWhole {
            try TableLoading(dump: dump).loadAll(tables, jobs: options.jobs, progress, building) {
                try PostgresSession.open(fresh)
            }
            // Scripts of a database with other ideas of backslashes have changed it.
            try first.run("SET standard_conforming_strings = on")
            try setSequences(first)
            if options.schema == nil { try LargeObjectLoading(connection: first).load(from: dump) }
            report.tables = tables.count
            report.rows = tables.reduce(0) { $0 + $1.rows }
            report.bytes = bytes
        }
        let loaded = Clock.monotonicNanoseconds()
        try building.run()
        report.loadNanoseconds = loaded - started
        report.indexNanoseconds = Clock.monotonicNanoseconds() - loaded
        return report
    }

    /// Of a script that failed as a whole, which object it was.
    private func placed(
        _ error: any Error, _ script: DumpScript, _ fresh: PostgresURL
    ) throws -> any Error {
        guard error is SourceError else { return error }
        let connection = try PostgresSession.open(fresh)
        try connection.run(script.preamble + "BEGIN;")
        for entry in script.entries {
            do {
                try connection.run(entry.settings + entry.text)
            } catch {
                return SourceError.naming("\(entry.type) \(entry.name)", error)
            }
        }
        return error
    }

    private func setSequences(_ connection: PostgresConnection) throws {
        for sequence in sequences { try connection.run(sequence.statement) }
    }

    /// Where the sequences that are wanted stand.
    var sequences: [PostgresSequence] {
        dump.manifest.sequences.filter { options.schema == nil || $0.schema == options.schema }.map
        {
            PostgresSequence(
                schema: $0.schema, name: $0.name, value: $0.value, isCalled: $0.called)
        }
    }
}

extension SourceError {
    /// There is no such database, or nobody may connect to it.
    fileprivate var isAboutDatabase: Bool { description.contains("database \"postgres\"") }

    /// A role that the dump names is not on the server.
    fileprivate var isAboutRole: Bool { state == "42704" && description.contains("role \"") }
}

extension DumpScript {
    /// Everything as one script.
    var whole: String { preamble + entries.map { $0.settings + $0.text }.joined() }

    func without(_ types: Set<String>) -> DumpScript { filtered { !types.contains($0.type) } }
}
