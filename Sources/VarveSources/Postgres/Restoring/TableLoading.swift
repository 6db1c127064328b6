import Synchronization
import VarveArchive
import VarveSystem

/// Puts the rows of tables back.
struct TableLoading {
    let dump: PostgresDump

    /// Puts the rows of one table into an empty one of the same columns, and compares the number that the
    /// server took with the manifest's. In a transaction of the caller's.
    func load(
        _ table: PostgresManifest.Table, into target: String, frozen: Bool,
        _ connection: PostgresConnection
    ) throws {
        let columns =
            table.columns.isEmpty
            ? "" : " (" + table.columns.map(SQLText.identifier).joined(separator: ", ") + ")"
        let options = CopyOptions(encoding: dump.manifest.database.encoding, isFrozen: frozen)
        try connection.beginCopyIn("COPY \(target)\(columns) FROM STDIN\(options.text)")
        do {
            try dump.readRows(of: table) { try connection.put($0) }
        } catch {
            connection.abandonCopyIn()
            throw error
        }
        let rows = try connection.endCopyIn()
        guard rows == table.rows else {
            throw SourceError(
                "\(table.schema).\(table.name) has \(rows) rows, and had \(table.rows) when it was dumped"
            )
        }
    }

    /// Loads tables over several connections, each in a transaction of its own, the longest first. Who has none left
    /// to load builds what can be built by then.
    func loadAll(
        _ tables: [PostgresManifest.Table], jobs: Int, _ progress: Progress,
        _ building: PostDataBuilding,
        connect: @escaping @Sendable () throws -> PostgresConnection
    ) throws {
        let waiting = Mutex(tables.sorted { $0.bytes < $1.bytes })
        try WorkerThreads.run(count: max(jobs, 1), name: "load") { _ in
            do {
                let connection = try connect()
                while let table = waiting.withLock({ $0.popLast() }) {
                    do {
                        try loadAlone(table, connection)
                    } catch {
                        throw SourceError.naming("\(table.schema).\(table.name)", error)
                    }
                    building.load(table)
                    progress.add(files: 1, bytes: table.bytes)
                }
                try building.buildEarly()
            } catch {
                waiting.withLock { $0 = [] }
                building.stop()
                throw error
            }
        }
    }

    private func loadAlone(
        _ table: PostgresManifest.Table, _ connection: PostgresConnection
    ) throws {
        let name = table.quotedName
        // The rows that an extension brings itself stay, and those of other partitions come the same way.
        let isOwn = table.configuration != true && table.root == nil
        try connection.run("BEGIN")
        if isOwn { try connection.run("TRUNCATE TABLE ONLY \(name)") }
        try load(table, into: table.root?.quotedName ?? name, frozen: isOwn, connection)
        try connection.run("COMMIT")
    }
}

extension SourceError {
    /// What went wrong, and with which part; interrupts and the repository's errors stay what they are.
    static func naming(_ part: String, _ error: any Error) -> any Error {
        guard let error = error as? SourceError else { return error }
        var named = SourceError("\(part): \(error.description)")
        named.state = error.state
        return named
    }
}
