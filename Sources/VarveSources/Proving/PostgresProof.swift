import VarveArchive
import VarveSystem

/// Restores one dumped database into a scratch server, and looks at what came of it.
struct PostgresProof {
    let dump: PostgresDump
    let questions: ProofQuestions
    let jobs: Int
    let progress: Progress

    func run(_ proof: inout SourceProof) throws {
        let manifest = dump.manifest
        proof.recoveryPoint = manifest.snapshotTime
        let programs = try ServerPrograms.find(for: PostgresVersion(manifest.serverVersion))
        var start = Clock.monotonicNanoseconds()
        try ScratchServer.run(programs) { server in
            proof.add("start", since: &start)
            try restore(into: server, &proof, since: start)
        }
    }

    private func restore(
        into server: ScratchServer, _ proof: inout SourceProof, since loading: Int64
    ) throws {
        try prepare(server)
        var options = DatabaseRestoreOptions()
        options.jobs = jobs
        let url = try server.url(Self.database)
        let report = try PostgresRestore(dump: dump, url: url, options: options, progress: progress)
            .run()
        proof.isRestored = true
        proof.rows = report.rows
        proof.checks.append(
            "restored into PostgreSQL \(server.version) (tables: \(report.tables), rows: \(report.rows))"
        )
        let whole = Clock.monotonicNanoseconds()
        proof.phases += [
            ProofPhase(name: "load", nanoseconds: whole - loading - report.indexNanoseconds),
            ProofPhase(name: "indexes", nanoseconds: report.indexNanoseconds),
        ]
        var start = whole
        try checkRows(url, &proof)
        try PostgresStructureProof(connection: PostgresSession.open(url)).run(&proof)
        try PostgresQuestioning(questions: questions, url: url).run(&proof)
        proof.add("checks", since: &start)
    }

    /// What the restored database is called.
    private static let database = "varve_restored"

    /// Makes what belongs to the whole server and not to the database, as far as the dump needs it.
    private func prepare(_ server: ScratchServer) throws {
        let scripts = try ["schema-pre.sql", "schema-post.sql"].map {
            try dump.parsedScript($0)
        }
        let connection = try PostgresSession.open(server.url("postgres"))
        try checkExtensions(scripts[0], connection, server.version)
        let names = DumpedRoles(dump.manifest.database, scripts)
        let known = Set(
            try connection.run("SELECT rolname FROM pg_catalog.pg_roles").compactMap { row in
                row.first.flatMap { $0 }.map { SQLText.identifier($0) }
            })
        // What they own may be only a superuser's; nobody can log in as them.
        for role in names.roles.subtracting(known).sorted() {
            try connection.run("CREATE ROLE \(role) SUPERUSER NOLOGIN")
        }
        guard !names.tablespaces.isEmpty else { return }
        // Inside the scratch place, and not where the old server had them.
        try connection.run("SET allow_in_place_tablespaces = on")
        for tablespace in names.tablespaces.sorted() {
            try connection.run("CREATE TABLESPACE \(tablespace) LOCATION ''")
        }
    }

    private func checkExtensions(
        _ script: DumpScript, _ connection: PostgresConnection, _ version: PostgresVersion
    ) throws {
        let rows = try connection.run("SELECT name FROM pg_catalog.pg_available_extensions")
        let here = Set(rows.compactMap { $0.first.flatMap { $0 } })
        let missing = script.entries.filter { $0.type == "EXTENSION" && !here.contains($0.name) }
        guard missing.isEmpty else {
            throw SourceError(
                "the extension \(missing.map(\.name).joined(separator: ", ")) is not installed for "
                    + "PostgreSQL \(version.major) here; install it to prove this database")
        }
    }

    /// Counts what is there now, for what was loaded need not be what stayed.
    private func checkRows(_ url: PostgresURL, _ proof: inout SourceProof) throws {
        let connection = try PostgresSession.open(url)
        // An extension's table has rows that the dump has not.
        let tables = dump.manifest.tables.filter { $0.configuration != true }
        for table in tables where table.root == nil {
            let rows = try connection.number("SELECT count(*) FROM ONLY \(table.quotedName)")
            if rows != table.rows {
                proof.failures.append(
                    "\(table.schema).\(table.name) has \(rows) rows, and had \(table.rows) when it was "
                        + "dumped")
            }
        }
        // Of these only the sum is what it was.
        let spread = Dictionary(grouping: tables.filter { $0.root != nil }) { $0.root?.quotedName }
        for (root, tables) in spread {
            guard let root else { continue }
            let rows = try connection.number("SELECT count(*) FROM \(root)")
            let old = tables.reduce(0) { $0 + $1.rows }
            if rows != old {
                proof.failures.append(
                    "\(root) has \(rows) rows, and had \(old) when it was dumped")
            }
        }
        if proof.failures.isEmpty {
            proof.checks.append("row counts: those of manifest.json (tables: \(tables.count))")
        }
    }
}

extension SourceProof {
    /// Notes what took the time since `start`, which becomes now.
    mutating func add(_ name: String, since start: inout Int64) {
        let now = Clock.monotonicNanoseconds()
        phases.append(ProofPhase(name: name, nanoseconds: now - start))
        start = now
    }
}

extension PostgresConnection {
    /// The one number that a query answers with.
    func number(_ query: String) throws -> Int {
        let value = try run(query).first?.first.flatMap { $0 }
        guard let number = value.flatMap({ Int($0) }) else {
            throw SourceError("the server answered no number")
        }
        return number
    }
}
