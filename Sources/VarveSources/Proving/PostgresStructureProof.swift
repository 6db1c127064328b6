/// Has `amcheck` look at every table and B-tree of a database: each row is well formed, and in each index.
struct PostgresStructureProof {
    let connection: PostgresConnection

    /// A relation, as people see it and by its number.
    private struct Relation {
        var name: String
        var number: String
    }

    private static let firstHeapCheck = 140_000
    private static let schema = "varve_proof"

    func run(_ proof: inout SourceProof) throws {
        guard let schema = try extensionSchema() else {
            proof.notes.append(
                "indexes were not checked: the extension amcheck is not installed here")
            return
        }
        let trees = try relations("c.relkind = 'i' AND a.amname = 'btree' AND i.indisvalid")
        for index in trees {
            try note(index, &proof) {
                try connection.run("SELECT \(schema).bt_index_check(\(index.number), true)")
            }
        }
        guard connection.serverVersion >= Self.firstHeapCheck else {
            proof.notes.append("tables were not checked: amcheck does so from PostgreSQL 14 on")
            return
        }
        let heaps = try relations("c.relkind IN ('r', 't', 'm') AND a.amname = 'heap'")
        for heap in heaps {
            try note(heap, &proof) {
                let found = try connection.run(
                    "SELECT msg FROM \(schema).verify_heapam(\(heap.number)) LIMIT 1")
                if let message = found.first?.first { throw SourceError(message ?? "damaged") }
            }
        }
        guard proof.failures.isEmpty else { return }
        proof.checks.append(
            "amcheck: no complaint (indexes: \(trees.count), tables: \(heaps.count))")
    }

    /// Where `amcheck` is, made if need be; nil when it is not installed.
    private func extensionSchema() throws -> String? {
        let query = """
            SELECT n.nspname FROM pg_catalog.pg_extension e
            JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'
            """
        if let there = try connection.run(query).first?.first.flatMap({ $0 }) {
            return SQLText.identifier(there)
        }
        let isAvailable = try !connection.run(
            "SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'amcheck'"
        ).isEmpty
        guard isAvailable else { return nil }
        let schema = SQLText.identifier(Self.schema)
        try connection.run("CREATE SCHEMA \(schema); CREATE EXTENSION amcheck SCHEMA \(schema)")
        return schema
    }

    /// Relations of the database itself, with those that hold its long values.
    private func relations(_ condition: String) throws -> [Relation] {
        let rows = try connection.run(
            """
            SELECT n.nspname || '.' || c.relname, c.oid
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_am a ON a.oid = c.relam
            LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND c.oid >= 16384 AND c.relpersistence <> 't' AND \(condition)
            ORDER BY 1
            """)
        return rows.compactMap { row in
            guard let name = row[0], let number = row[1] else { return nil }
            return Relation(name: name, number: number)
        }
    }

    /// What the check complains of becomes a sentence, and the next one is checked.
    private func note(
        _ relation: Relation, _ proof: inout SourceProof, _ check: () throws -> Void
    ) throws {
        do {
            try check()
        } catch let error as SourceError {
            proof.failures.append("amcheck: \(relation.name): \(error.description)")
        }
    }
}
