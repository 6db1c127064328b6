import VarveArchive
import VarveSystem

/// Puts single tables, or only rows, into a database that is there: in one transaction, so that whatever
/// fails changes nothing.
struct TableRestore {
    private let restore: PostgresRestore
    private let connection: PostgresConnection
    private let before: DumpScript
    private var options: DatabaseRestoreOptions { restore.options }
    private var dump: PostgresDump { restore.dump }

    init(_ restore: PostgresRestore) throws {
        self.restore = restore
        before = try restore.dump.parsedScript("schema-pre.sql")
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
        if options.parts == .data {
            try fill(tables, &report)
        } else {
            try make(tables, &report)
        }
        try connection.run("COMMIT")
        return report
    }

    private func wanted() throws -> [PostgresManifest.Table] {
        guard !options.tables.isEmpty else { return restore.tables }
        var seen: Set<String> = []
        // With and without its schema a name may be the same table's.
        return try options.tables.map(wanted).filter { seen.insert($0.quotedName).inserted }
    }

    private func wanted(_ name: String) throws -> PostgresManifest.Table {
        let found = dump.manifest.tables.filter {
            "\($0.schema).\($0.name)" == name || $0.name == name
        }
        guard let table = found.first else {
            throw PartitionedTable(name, before)?.refusal
                ?? SourceError("the dump has no table \(name)")
        }
        guard found.count == 1 else {
            throw SourceError("the dump has several tables \(name); name its schema as well")
        }
        guard table.name != options.newName else {
            throw SourceError("the new name of \(name) is the old one")
        }
        // The comments that say what a statement is of show it as a space.
        guard !(table.schema + table.name).utf8.contains(where: { $0 == 10 || $0 == 13 }) else {
            throw SourceError(
                "a table with a line break in its name comes back with its whole database only")
        }
        return table
    }

    private func target(_ table: PostgresManifest.Table) -> String {
        SQLText.identifier(table.schema, options.newName ?? table.name)
    }

    /// Does something for each table, and names the one that it fails for.
    private func each(
        _ tables: [PostgresManifest.Table],
        _ body: (PostgresManifest.Table, LiveTable?) throws -> Void
    ) throws {
        for table in tables {
            do {
                try body(table, LiveTable(target(table), connection))
            } catch {
                throw SourceError.naming("\(table.schema).\(table.name)", error)
            }
        }
    }

    private func load(
        _ table: PostgresManifest.Table, into name: String? = nil,
        _ report: inout DatabaseRestoreReport
    ) throws {
        try TableLoading(dump: dump).load(
            table, into: name ?? target(table), frozen: false, connection)
        report.rows += table.rows
        report.bytes += table.bytes
    }

    // Tables

    private func make(
        _ tables: [PostgresManifest.Table], _ report: inout DatabaseRestoreReport
    ) throws {
        let after = try dump.parsedScript("schema-post.sql")
        try each(tables) { table, live in try checkRoom(table, live) }
        try each(tables) { table, live in
            if live != nil { try connection.run("DROP TABLE \(target(table))") }
            let script = TableScript(
                table, before: before, after: after, newName: options.newName)
            try run(script.before)
            for made in [target(table)] + script.sequences.sorted() {
                try takeDefaultRights(of: made)
            }
            if options.newName != nil { try standAlone(target(table)) }
            if options.parts == .everything {
                try load(table, &report)
                for sequence in restore.sequences where script.sequences.contains(sequence.quoted) {
                    try connection.run(sequence.statement)
                }
            }
            try run(script.after)
            report.notes += script.notes
            try publish(table, script.publications, &report)
            report.tables += 1
            restore.progress.add(files: 1, bytes: table.bytes)
        }
    }

    private func checkRoom(_ table: PostgresManifest.Table, _ live: LiveTable?) throws {
        guard let live else { return }
        guard options.replaces else {
            throw SourceError(
                "the table \(table.schema).\(options.newName ?? table.name) is there already; give --as NAME to put "
                    + "it beside, or --replace")
        }
        guard !live.isPartition else {
            throw SourceError(
                "it is a partition of a live table, which would lose its rows; give --as NAME to put it beside, or "
                    + "detach the partition first")
        }
    }

    private func run(_ statements: [String]) throws {
        for statement in statements { try connection.run(statement) }
    }

    /// Ends that a table inherits: it keeps the columns, and its rows are no longer seen in others.
    private func standAlone(_ target: String) throws {
        let parents = try connection.run(
            """
            SELECT inhparent::pg_catalog.regclass FROM pg_catalog.pg_inherits
            WHERE inhrelid = \(SQLText.literal(target))::pg_catalog.regclass
            """)
        for parent in parents {
            try connection.run("ALTER TABLE \(target) NO INHERIT \(parent[0] ?? "")")
        }
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

    /// A publication may be gone, or somebody else's: the table comes back all the same.
    private func publish(
        _ table: PostgresManifest.Table, _ statements: [String],
        _ report: inout DatabaseRestoreReport
    ) throws {
        for statement in statements {
            try connection.run("SAVEPOINT publication")
            do {
                try connection.run(statement)
            } catch let error as SourceError {
                try connection.run("ROLLBACK TO SAVEPOINT publication")
                report.notes.append(
                    "\(table.schema).\(table.name) is not put back into a publication: \(error.description)"
                )
            }
        }
    }

    // Rows alone

    private func fill(
        _ tables: [PostgresManifest.Table], _ report: inout DatabaseRestoreReport
    ) throws {
        var triggers: [LiveTrigger] = []
        try each(tables) { table, live in
            guard let live else { throw SourceError("there is no such table to put rows into") }
            guard try live.isEmpty(connection) else {
                throw SourceError("it has rows; only an empty table is filled")
            }
            triggers += try live.triggers(connection)
        }
        for trigger in triggers { try connection.run(trigger.disable) }
        try connection.run("SET CONSTRAINTS ALL DEFERRED")
        do {
            try each(try ForeignKeyOrder(connection).sorted(tables, by: target)) { table, live in
                // Here its rows may belong to another partition.
                let root = live?.isPartition == true ? table.root?.quotedName : nil
                try load(table, into: root, &report)
                report.tables += 1
                restore.progress.add(files: 1, bytes: table.bytes)
            }
            // A table with checks that wait cannot be changed.
            try connection.run("SET CONSTRAINTS ALL IMMEDIATE")
        } catch let error as SourceError where error.state == "23503" {
            let first = options.tables.isEmpty ? "" : "name that table with --table as well, or "
            throw SourceError(
                "\(error.description); \(first)restore into a new database, or take the foreign key away meanwhile"
            )
        }
        for trigger in triggers { try connection.run(trigger.enable) }
        try setSequences(of: tables, &report)
        if dump.manifest.largeObjects { report.notes.append("large objects are left out") }
        let silent = Set(triggers.map(\.table)).sorted()
        if !silent.isEmpty {
            report.notes.append(
                "triggers did not fire for the rows of \(silent.joined(separator: ", "))")
        }
    }

    /// Those of the tables, or all when no table was named.
    private func setSequences(
        of tables: [PostgresManifest.Table], _ report: inout DatabaseRestoreReport
    ) throws {
        // With a new name it is another table that is filled.
        guard options.newName == nil else { return }
        let own =
            options.tables.isEmpty
            ? nil
            : tables.reduce(into: Set<String>()) {
                $0.formUnion(TableScript.sequences(of: $1, before))
            }
        for sequence in restore.sequences where own?.contains(sequence.quoted) ?? true {
            guard try LiveTable(sequence.quoted, connection) != nil else {
                report.notes.append(
                    "there is no sequence \(sequence.schema).\(sequence.name) to set")
                continue
            }
            try connection.run(sequence.statement)
        }
    }
}

extension PostgresSequence {
    fileprivate var quoted: String { SQLText.identifier(schema, name) }
}
