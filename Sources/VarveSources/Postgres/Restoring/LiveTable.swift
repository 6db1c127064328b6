/// A table, or another relation, of the database that something is restored into.
struct LiveTable {
    /// Quoted, with its schema.
    let name: String
    let isPartitioned: Bool
    /// Whether its rows are those of another table.
    let isPartition: Bool

    /// Nil when there is none.
    init?(_ name: String, _ connection: PostgresConnection) throws {
        let rows = try connection.run(
            """
            SELECT relkind = 'p', relispartition FROM pg_catalog.pg_class
            WHERE oid = pg_catalog.to_regclass(\(SQLText.literal(name)))
            """)
        guard let row = rows.first else { return nil }
        self.name = name
        isPartitioned = row[0] == "t"
        isPartition = row[1] == "t"
    }

    /// Whether it has no rows of its own, or as a partitioned table none in its partitions.
    func isEmpty(_ connection: PostgresConnection) throws -> Bool {
        let only = isPartitioned ? "" : "ONLY "
        return try connection.run("SELECT FROM \(only)\(name) LIMIT 1").isEmpty
    }

    /// Triggers that somebody has made, and that are not disabled.
    func triggers(_ connection: PostgresConnection) throws -> [LiveTrigger] {
        // Servers before 15 call a partition's copy of a trigger internal; those of constraints have one.
        try connection.run(
            """
            SELECT tgname, tgenabled FROM pg_catalog.pg_trigger
            WHERE tgrelid = \(SQLText.literal(name))::pg_catalog.regclass AND tgenabled <> 'D'
                AND (NOT tgisinternal OR tgconstraint = 0)
            """
        ).map { LiveTrigger(table: name, name: $0[0] ?? "", mode: $0[1] ?? "") }
    }
}

/// A trigger, and when it fires.
struct LiveTrigger {
    /// Quoted.
    let table: String
    let name: String
    /// As `pg_trigger` has it.
    let mode: String

    var disable: String { "ALTER TABLE \(table) DISABLE TRIGGER \(SQLText.identifier(name))" }

    /// Puts it back to the mode that it had.
    var enable: String {
        let mode = ["A": "ALWAYS ", "R": "REPLICA "][mode] ?? ""
        return "ALTER TABLE \(table) ENABLE \(mode)TRIGGER \(SQLText.identifier(name))"
    }
}
