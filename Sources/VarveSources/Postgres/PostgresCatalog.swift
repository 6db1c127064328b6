/// Questions to a database's system catalogs.
struct PostgresCatalog {
    let connection: PostgresConnection

    /// Of what is not the system's, and not an extension's unless that declares it as configuration.
    private static let ownRelations = """
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN (
            SELECT DISTINCT ON (u.id) u.id, u.condition FROM pg_catalog.pg_extension x,
                ROWS FROM (unnest(x.extconfig), unnest(x.extcondition)) AS u(id, condition)
        ) e ON e.id = c.oid
        WHERE c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND (e.id IS NOT NULL OR NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'))
        """

    /// The tables that others must not drop or change meanwhile, quoted; also partitioned ones.
    func tablesToLock() throws -> [String] {
        let rows = try connection.run(
            "SELECT n.nspname, c.relname \(Self.ownRelations) AND c.relkind IN ('r', 'p') ORDER BY 1, 2"
        )
        return rows.map { SQLText.identifier($0[0] ?? "", $0[1] ?? "") }
    }

    /// The tables with rows to dump, by their names.
    func tables() throws -> [PostgresTable] {
        // A standby has no rows of unlogged tables.
        let unlogged =
            "(c.relpersistence <> 'u' OR NOT pg_catalog.pg_is_in_recovery())"
        let rows = try connection.run(
            """
            SELECT n.nspname, c.relname, coalesce(pg_catalog.pg_table_size(c.oid), 0),
                e.id IS NOT NULL, e.condition, a.attname, r.nspname, r.relname
            \(Self.ownRelations.replacing("WHERE c.relpersistence", with: """
                LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                    AND NOT a.attisdropped AND a.attgenerated = ''
                LEFT JOIN LATERAL (\(Self.root)) r ON true
                WHERE c.relpersistence
                """)) AND c.relkind = 'r' AND \(unlogged) ORDER BY 1, 2, a.attnum
            """)
        var tables: [PostgresTable] = []
        for row in rows {
            let (schema, name) = (row[0] ?? "", row[1] ?? "")
            if tables.last?.schema != schema || tables.last?.name != name {
                let condition = row[3] == "t" ? row[4] ?? "" : nil
                tables.append(
                    PostgresTable(
                        schema: schema, name: name, columns: [],
                        bytes: row[2].flatMap { Int($0) } ?? 0, condition: condition,
                        root: row[6].map { .init(schema: $0, name: row[7] ?? "") }))
            }
            if let column = row[5] { tables[tables.count - 1].columns.append(column) }
        }
        return tables
    }

    /// The uppermost table of a partition by the hash of an enum, which is of the numbers that its values happen to have.
    private static let root = """
        SELECT rn.nspname, rc.relname FROM pg_catalog.pg_class rc
        JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace
        WHERE c.relispartition AND rc.oid = pg_catalog.pg_partition_root(c.oid) AND EXISTS (
            SELECT FROM pg_catalog.pg_partition_ancestors(c.oid) p(id)
            JOIN pg_catalog.pg_partitioned_table t ON t.partrelid = p.id
            JOIN pg_catalog.pg_opclass o ON o.oid = ANY (t.partclass::pg_catalog.oid[])
            WHERE t.partstrat = 'h' AND o.opcname = 'enum_ops')
        """

    /// Every sequence, and where it stands now.
    func sequences() throws -> [PostgresSequence] {
        let rows = try connection.run(
            "SELECT n.nspname, c.relname \(Self.ownRelations) AND c.relkind = 'S' ORDER BY 1, 2")
        let names = rows.map { ($0[0] ?? "", $0[1] ?? "") }
        var sequences: [PostgresSequence] = []
        for start in stride(from: 0, to: names.count, by: Self.sequencesAtOnce) {
            let part = names[start..<min(start + Self.sequencesAtOnce, names.count)]
            let queries = part.map { schema, name in
                "SELECT last_value, is_called FROM " + SQLText.identifier(schema, name)
            }
            let values = try connection.run(queries.joined(separator: " UNION ALL "))
            for ((schema, name), row) in zip(part, values) {
                guard let value = row[0].flatMap({ Int($0) }) else {
                    throw SourceError("the sequence \(schema).\(name) has no value")
                }
                sequences.append(
                    PostgresSequence(
                        schema: schema, name: name, value: value, isCalled: row[1] == "t"))
            }
        }
        return sequences
    }

    private static let sequencesAtOnce = 200

    func hasLargeObjects() throws -> Bool {
        try !connection.run("SELECT FROM pg_catalog.pg_largeobject_metadata LIMIT 1").isEmpty
    }

    func isSuperuser() throws -> Bool {
        try value("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user") == "t"
    }

    /// The only value of the only row.
    func value(_ query: String) throws -> String? {
        try connection.run(query).first?.first ?? nil
    }
}
