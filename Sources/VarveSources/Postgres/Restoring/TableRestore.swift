import VarveArchive
import VarveSystem

/// Puts single tables, or only rows, into a database that is there: in one transaction, so that whatever
/// fails changes nothing.
struct TableRestore {
    private let restore: PostgresRestore
    private let connection: PostgresConnection
    private var options: DatabaseRestoreOptions { restore.options }
    private var dump: PostgresDump { restore.dump }

    init(_ restore: PostgresRestore) throws {
        self.restore = restore
        connection = try PostgresSession.open(restore.url)
    }

    func run() throws -> DatabaseRestoreReport {
        try restore.check(connection)
        let tables = try wanted()
        restore.progress.expect(
            files: tables.count, bytes: tables.reduce(0) { $0 + $1.bytes })
        var report = DatabaseRestoreReport()
        report.target = restore.url.name
        try connection.run("BEGIN")
        for table in tables {
            do {
                try put(table, &report)
            } catch {
                throw SourceError.naming("\(table.schema).\(table.name)", error)
            }
        }
        try connection.run("COMMIT")
        return report
    }

    private func wanted() throws -> [PostgresManifest.Table] {
        guard !options.tables.isEmpty else { return restore.tables }
        return try options.tables.map { name in
            let found = restore.dump.manifest.tables.filter {
                "\($0.schema).\($0.name)" == name || $0.name == name
            }
            guard let table = found.first else {
                throw SourceError("the dump has no table \(name)")
            }
            guard found.count == 1 else {
                throw SourceError("the dump has several tables \(name); name its schema as well")
            }
            return table
        }
    }

    private func put(
        _ table: PostgresManifest.Table, _ report: inout DatabaseRestoreReport
    ) throws {
        let name = options.newName ?? table.name
        let target = SQLText.identifier(table.schema, name)
        let exists = try exists(target)
        if options.parts == .data {
            guard exists else { throw SourceError("there is no such table to put rows into") }
            guard try connection.run("SELECT FROM \(target) LIMIT 1").isEmpty else {
                throw SourceError("it has rows; only an empty table is filled")
            }
        } else {
            guard !exists || options.replaces else {
                throw SourceError(
                    "the table \(table.schema).\(name) is there already; give --as NAME to put it beside, "
                        + "or --replace")
            }
            if exists { try connection.run("DROP TABLE \(target)") }
        }
        let script = TableScript(
            table, before: try dump.parsedScript("schema-pre.sql"),
            after: try dump.parsedScript("schema-post.sql"), newName: options.newName)
        if options.parts != .data {
            try run(script.before)
            for made in [target] + script.sequences.sorted() { try takeDefaultRights(of: made) }
        }
        if options.parts != .schema {
            try TableLoading(dump: dump).load(
                table, into: target, frozen: false, connection)
            try setSequences(script)
            report.rows += table.rows
            report.bytes += table.bytes
        }
        if options.parts != .data { try run(script.after) }
        report.tables += 1
        report.notes += script.notes
        restore.progress.add(files: 1, bytes: table.bytes)
    }

    /// Takes from everybody but the owner what a new table or sequence gives them here by default, for the
    /// old one may not have given it.
    private func takeDefaultRights(of name: String) throws {
        let rows = try connection.run(
            """
            SELECT DISTINCT CASE WHEN c.relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                CASE WHEN a.grantee = 0 THEN 'PUBLIC'
                    ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END
            FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
            WHERE c.oid = \(SQLText.literal(name))::pg_catalog.regclass AND a.grantee <> c.relowner
            """)
        for row in rows {
            try connection.run("REVOKE ALL ON \(row[0] ?? "") \(name) FROM \(row[1] ?? "")")
        }
    }

    private func exists(_ table: String) throws -> Bool {
        let rows = try connection.run("SELECT pg_catalog.to_regclass(\(SQLText.literal(table)))")
        return (rows.first?.first ?? nil) != nil
    }

    private func run(_ statements: [String]) throws {
        for statement in statements { try connection.run(statement) }
    }

    /// Only those that the script has made.
    private func setSequences(_ script: TableScript) throws {
        guard options.parts == .everything else { return }
        for sequence in dump.manifest.sequences
        where script.sequences.contains(SQLText.identifier(sequence.schema, sequence.name)) {
            let one = PostgresSequence(
                schema: sequence.schema, name: sequence.name, value: sequence.value,
                isCalled: sequence.called)
            try connection.run(one.statement)
        }
    }
}
