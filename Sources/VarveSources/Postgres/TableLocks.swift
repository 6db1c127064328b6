/// Locks that keep tables from being dropped or changed while they are dumped.
struct TableLocks {
    let connection: PostgresConnection

    /// How often all is begun anew because a table was dropped before it could be locked.
    private static let attemptsMax = 5
    private static let tablesAtOnce = 200

    /// Begins a transaction, locks every table, and only then takes a snapshot, which it exports: answers
    /// its name.
    func beginLocked() throws -> String {
        let catalog = PostgresCatalog(connection: connection)
        for attempt in 1... {
            let tables = try catalog.tablesToLock()
            try PostgresSession.beginReading(connection)
            do {
                // `LOCK` takes no snapshot, so what the first query sees is no older than the locks.
                try lock(tables)
                let name = try catalog.value("SELECT pg_catalog.pg_export_snapshot()")
                let locked = Set(tables)
                // What was made meanwhile.
                try lock(try catalog.tablesToLock().filter { !locked.contains($0) })
                return name ?? ""
            } catch let error as SourceError where error.isMissing {
                try connection.run("ROLLBACK")
                if attempt == Self.attemptsMax { throw error }
            }
        }
        throw SourceError("the tables cannot be locked")
    }

    private func lock(_ tables: [String]) throws {
        for start in stride(from: 0, to: tables.count, by: Self.tablesAtOnce) {
            let part = tables[start..<min(start + Self.tablesAtOnce, tables.count)]
            try connection.run(
                "LOCK TABLE ONLY \(part.joined(separator: ", ONLY ")) IN ACCESS SHARE MODE")
        }
    }

    /// Locks a table unless somebody waits for it; false when somebody does.
    func lockNow(_ table: String) throws -> Bool {
        do {
            try connection.run("SAVEPOINT lock")
            try connection.run("LOCK TABLE ONLY \(table) IN ACCESS SHARE MODE NOWAIT")
            try connection.run("RELEASE SAVEPOINT lock")
            return true
        } catch let error as SourceError where error.isLocked {
            try connection.run("ROLLBACK TO SAVEPOINT lock")
            try connection.run("RELEASE SAVEPOINT lock")
            return false
        }
    }
}

extension SourceError {
    /// The table, or its schema, is not there.
    fileprivate var isMissing: Bool { state == "42P01" || state == "3F000" }
    /// Somebody else has the lock, or waits for it.
    fileprivate var isLocked: Bool { state == "55P03" }
}
