import Synchronization
import VarveArchive
import VarveFormat
import VarveSystem

/// One dump of one database: the connections, all of which see the same moment, and what there is to read.
final class PostgresReading: VirtualTreeReading {
    private let url: PostgresURL
    private let options: SourceOptions
    /// Holds the snapshot and every lock, and reads the tables that others cannot lock any more.
    private let leader: PostgresConnection
    private let leaderTurn = Turn()
    private let snapshot: String
    private let start: PostgresManifest
    private let tables: [PostgresTable]
    private let sequences: [PostgresSequence]
    private let programs: PostgresPrograms
    /// Both run from the beginning on, and wait with what they write.
    let schemaBefore: ChildProcess
    let schemaAfter: ChildProcess
    private let roles: ChildProcess?
    /// One for each job that has begun.
    private let connections: Mutex<[PostgresConnection?]>
    /// What was read, by file.
    private let read = Mutex<[String: (rows: Int, bytes: Int)]>([:])

    /// For so long, in milliseconds, `pg_dump` waits for a table that somebody else is changing.
    private static let lockMilliseconds = 60_000

    init(_ url: PostgresURL, _ options: SourceOptions) throws {
        self.url = url
        self.options = options
        leader = try PostgresSession.open(url)
        let version = PostgresVersion(leader.serverVersion)
        let programs = try PostgresPrograms.find(for: version)
        self.programs = programs
        snapshot = try TableLocks(connection: leader).beginLocked()
        let catalog = PostgresCatalog(connection: leader)
        let isSuperuser = try options.globals && catalog.isSuperuser()
        let (leader, snapshot) = (leader, snapshot)
        let encoding = PostgresSession.encoding(of: leader)
        func schema(_ section: String) throws -> ChildProcess {
            var arguments = [
                "--section=\(section)", "--no-blobs", "--snapshot=\(snapshot)",
                "--encoding=\(encoding)",
                "--lock-wait-timeout=\(Self.lockMilliseconds)",
            ]
            if programs.hasRestrictKey {
                arguments.append("--restrict-key=\(PostgresPrograms.restrictKey)")
            }
            return try programs.start("pg_dump", arguments, url, leader)
        }
        schemaBefore = try schema("pre-data")
        schemaAfter = try schema("post-data")
        tables = try catalog.tables()
        sequences = try catalog.sequences()
        start = try Self.start(catalog, programs, options)
        if options.globals {
            // Passwords of roles are for superusers only.
            var arguments = [
                "--globals-only", "--database=\(url.database)", "--encoding=\(encoding)",
            ]
            if !isSuperuser { arguments.append("--no-role-passwords") }
            if programs.hasRestrictKey {
                arguments.append("--restrict-key=\(PostgresPrograms.restrictKey)")
            }
            roles = try programs.start("pg_dumpall", arguments, url, leader)
        } else {
            roles = nil
        }
        connections = Mutex(Array(repeating: nil, count: max(options.jobs, 1)))
    }

    /// The manifest with everything but what the tables came to.
    private static func start(
        _ catalog: PostgresCatalog, _ programs: PostgresPrograms, _ options: SourceOptions
    ) throws -> PostgresManifest {
        let lsn = """
            CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                ELSE pg_catalog.pg_current_wal_lsn() END
            """
        func allowed(_ function: String, _ query: String) throws -> String? {
            let right = "pg_catalog.has_function_privilege('\(function)', 'EXECUTE')"
            return try catalog.value("SELECT \(right)") == "t" ? try catalog.value(query) : nil
        }
        return PostgresManifest(
            database: try catalog.properties(), serverVersion: catalog.connection.serverVersion,
            server: catalog.connection.parameter("server_version") ?? "",
            dumpProgram: programs.version.description,
            systemIdentifier: try allowed(
                "pg_control_system()",
                "SELECT system_identifier FROM pg_catalog.pg_control_system()"),
            timeline: try allowed(
                "pg_control_checkpoint()",
                "SELECT timeline_id FROM pg_catalog.pg_control_checkpoint()"),
            lsn: try catalog.value("SELECT \(lsn)"),
            snapshotTime: try catalog.value(
                "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
                ?? "",
            globals: options.globals, tables: [], sequences: [],
            largeObjects: try catalog.hasLargeObjects())
    }

    // What there is

    var jobs: Int { max(options.jobs, 1) }

    var root: VirtualNode {
        var nodes = [
            file("schema-pre.sql") { [self] _ in
                try ProgramInput(schemaBefore, name: "pg_dump --section=pre-data")
            },
            file("schema-post.sql") { [self] _ in
                try ProgramInput(schemaAfter, name: "pg_dump --section=post-data")
            },
            file("sequences.sql") { [self] _ in BytesInput(sequenceScript) },
            file("manifest.json", isLast: true) { [self] _ in BytesInput(try manifest.encoded()) },
            VirtualNode(Array("data".utf8), .directory(tables.map(node))),
        ]
        if start.largeObjects {
            nodes.append(
                file("large_objects.sql", expectedBytes: .max) { [self] job in
                    LargeObjectScript(try connection(job))
                })
        }
        if let roles {
            nodes.append(
                file("globals.sql") { _ in
                    try ProgramInput(roles, name: "pg_dumpall --globals-only")
                })
        }
        return VirtualNode([], .directory(nodes))
    }

    private func file(
        _ name: String, expectedBytes: Int = 0, isLast: Bool = false,
        _ open: @escaping @Sendable (_ job: Int) throws -> any ContentInput
    ) -> VirtualNode {
        VirtualNode(
            Array(name.utf8),
            .file(VirtualFile(expectedBytes: expectedBytes, isLast: isLast, open: open)))
    }

    private func node(_ table: PostgresTable) -> VirtualNode {
        file(table.file, expectedBytes: table.bytes) { [self] job in try open(table, job) }
    }

    private var sequenceScript: [UInt8] {
        let settings = "SET standard_conforming_strings = on;\n"
        return Array((settings + sequences.map { $0.statement + "\n" }.joined()).utf8)
    }

    private var manifest: PostgresManifest {
        get throws {
            var manifest = start
            let read = read.withLock { $0 }
            manifest.tables = try tables.map { table in
                guard let (rows, bytes) = read[table.file] else {
                    throw SourceError("the table \(table.schema).\(table.name) was not read")
                }
                return PostgresManifest.Table(
                    schema: table.schema, name: table.name, file: table.file,
                    columns: table.columns, rows: rows, bytes: bytes,
                    configuration: table.condition == nil ? nil : true, root: table.root)
            }
            manifest.sequences = sequences.map {
                PostgresManifest.Sequence(
                    schema: $0.schema, name: $0.name, value: $0.value, called: $0.isCalled)
            }
            return manifest
        }
    }

    // Reading

    /// The connection of a job, which is made when it is first needed.
    private func connection(_ job: Int) throws -> PostgresConnection {
        if let connection = connections.withLock({ $0[job] }) { return connection }
        let connection = try PostgresSession.open(url)
        try PostgresSession.beginReading(connection, snapshot: snapshot)
        connections.withLock { $0[job] = connection }
        return connection
    }

    /// What rows are kept in: the database's own, so that every character stays what it is.
    private var encoding: String { start.database.encoding }

    private func open(_ table: PostgresTable, _ job: Int) throws -> any ContentInput {
        let connection = try connection(job)
        let note: (Int, Int) throws -> Void = { [self] rows, bytes in
            read.withLock { $0[table.file] = (rows, bytes) }
        }
        if try TableLocks(connection: connection).lockNow(table.identifier) {
            return try TableCopy(table, encoding, connection, finish: note)
        }
        return try LeadersCopy(table, encoding, leader, leaderTurn, finish: note)
    }

    func finish() throws -> [String: String] {
        try leader.run("COMMIT")
        return [
            "lsn": start.lsn, "timeline": start.timeline,
            "system_identifier": start.systemIdentifier, "server_version": start.server,
            "snapshot_time": start.snapshotTime,
        ].compactMapValues(\.self)
    }
}

/// Lets one thread after the other have the leader's connection.
private final class Turn: Sendable {
    private let queue = BoundedQueue<Void>(capacity: 1)

    init() { queue.put(()) }

    func begin() { queue.take() }
    func end() { queue.put(()) }
}

/// A table's rows over the leader's connection, which is this copy's until it is read or dropped.
private final class LeadersCopy: ContentInput {
    private let turn: Turn
    private let copy: TableCopy

    init(
        _ table: PostgresTable, _ encoding: String, _ leader: PostgresConnection, _ turn: Turn,
        finish: @escaping (_ rows: Int, _ bytes: Int) throws -> Void
    ) throws {
        self.turn = turn
        turn.begin()
        do {
            copy = try TableCopy(table, encoding, leader, finish: finish)
        } catch {
            turn.end()
            throw error
        }
    }

    deinit { turn.end() }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int { try copy.read(into: room) }
}
