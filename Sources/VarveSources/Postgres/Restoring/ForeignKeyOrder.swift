/// In which order the tables of a live database can be filled: first what foreign keys refer to.
struct ForeignKeyOrder {
    /// By each table the others that it refers to, quoted.
    private let referenced: [String: [String]]

    /// The server has a row for each partition of either side as well.
    init(_ connection: PostgresConnection) throws {
        let rows = try connection.run(
            """
            SELECT DISTINCT n1.nspname, c1.relname, n2.nspname, c2.relname
            FROM pg_catalog.pg_constraint k
                JOIN pg_catalog.pg_class c1 ON c1.oid = k.conrelid
                JOIN pg_catalog.pg_namespace n1 ON n1.oid = c1.relnamespace
                JOIN pg_catalog.pg_class c2 ON c2.oid = k.confrelid
                JOIN pg_catalog.pg_namespace n2 ON n2.oid = c2.relnamespace
            WHERE k.contype = 'f'
            """)
        var edges: [(String, String)] = []
        for row in rows {
            let names = row.compactMap { $0 }
            guard names.count == 4 else { continue }
            edges.append(
                (
                    SQLText.identifier(names[0], names[1]), SQLText.identifier(names[2], names[3])
                ))
        }
        self.init(edges)
    }

    /// From pairs of a table and one that it refers to.
    init(_ edges: [(String, String)]) {
        referenced = Dictionary(grouping: edges, by: \.0).mapValues { $0.map(\.1) }
    }

    /// In order; of tables that refer to each other any comes first.
    func sorted<Table>(_ tables: [Table], by name: (Table) -> String) -> [Table] {
        let byName = Dictionary(tables.map { (name($0), $0) }) { first, _ in first }
        var seen: Set<String> = []
        var order: [Table] = []
        for table in tables {
            // Without recursion, for chains may be long: a table is done when it is met again.
            var stack = [(name(table), false)]
            while let (next, isDone) = stack.popLast() {
                if isDone {
                    if let table = byName[next] { order.append(table) }
                } else if seen.insert(next).inserted {
                    stack.append((next, true))
                    stack += (referenced[next] ?? []).map { ($0, false) }
                }
            }
        }
        return order
    }
}
