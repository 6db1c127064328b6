import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

/// Copies tables of a stored database into another one, in one transaction.
struct SQLiteTableRestore {
    let options: DatabaseRestoreOptions
    private let connection: SQLiteConnection

    /// The stored database, as it is attached.
    private static let old = "varve_old"
    private static let patienceMilliseconds: Int32 = 30_000

    /// Puts tables of the database at `path` of a snapshot, which may be empty when it holds only one, into
    /// the database that `sqlite:PATH` names.
    static func restore(
        at path: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
        to word: String, _ options: DatabaseRestoreOptions, progress: Progress
    ) throws -> DatabaseRestoreReport {
        guard !options.tables.isEmpty else {
            throw SourceError(
                "name a table with --table; a whole database is a file, and is restored with --target"
            )
        }
        guard options.schema == nil, options.parts != .data else {
            throw SourceError("--schema and --data-only are not for SQLite")
        }
        let target = try SQLiteTree.path(word)
        let place = path.isEmpty ? try Self.place(of: entry, repository) : path
        let scratch = SQLiteScratch(beside: target)
        try scratch.make()
        defer { scratch.remove() }
        try dumpFile(place, of: entry, repository, to: scratch.database, progress)
        let isNew = (try? File.status(of: target)) == nil
        do {
            var report = try SQLiteTableRestore(options, target, scratch.database).run()
            report.target = "sqlite:" + RawText.text(target)
            return report
        } catch {
            if isNew { try? File.remove(RawText.text(target)) }
            throw error
        }
    }

    /// Where the only database of a snapshot lies.
    private static func place(
        of entry: RepositoryState.SnapshotEntry, _ repository: Repository
    ) throws -> [[UInt8]] {
        let sources = try repository.manifest(entry).sources.filter { $0.kind == .sqlite }
        guard let source = sources.first, sources.count == 1 else {
            throw SourceError("say which database is meant: REF:/PATH/OF/IT")
        }
        return source.name.dropFirst(SQLiteTree.prefix.count).split(separator: UInt8(ascii: "/"))
            .map(Array.init)
    }

    /// Writes a stored database to a file, in a form that needs no WAL.
    static func dumpFile(
        _ place: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
        to path: [UInt8], _ progress: Progress
    ) throws {
        let file = try File.createExclusively(RawText.text(path))
        _ = try dump(place, of: entry, repository, to: file, progress: progress)
        var bytes = [UInt8](repeating: 0, count: SQLiteHeader.bytes)
        _ = try bytes.withUnsafeMutableBytes { try file.readFully(at: 0, into: $0) }
        guard let header = bytes.withUnsafeBytes({ SQLiteHeader($0) }) else {
            throw SourceError("what lies there in the snapshot is no SQLite database")
        }
        // It has no WAL, and needs none.
        if header.isWAL {
            try [UInt8](repeating: 1, count: 2).withUnsafeBytes { try file.write($0, at: 18) }
        }
    }

    private init(
        _ options: DatabaseRestoreOptions, _ target: [UInt8], _ scratch: [UInt8]
    ) throws {
        self.options = options
        connection = try SQLiteConnection(target, .create)
        try connection.keepWAL(false)
        try connection.waitForLocks(milliseconds: Self.patienceMilliseconds)
        let attach = try connection.prepare("ATTACH ?1 AS \(Self.old)")
        try attach.bind(RawText.text(scratch), at: 1)
        while try attach.step() {}
        for pragma in ["foreign_keys=OFF", "ignore_check_constraints=ON", "recursive_triggers=OFF"]
        {
            try connection.run("PRAGMA \(pragma)")
        }
    }

    private func run() throws -> DatabaseRestoreReport {
        defer { connection.close() }
        var report = DatabaseRestoreReport()
        try connection.run("BEGIN IMMEDIATE")
        for table in options.tables { try restore(table, &report) }
        if Interrupts.isRequested { throw ArchiveError.interrupted }
        try connection.run("COMMIT")
        return report
    }

    private func restore(_ name: String, _ report: inout DatabaseRestoreReport) throws {
        let found = try rows(
            "SELECT name, sql FROM \(Self.old).sqlite_schema WHERE type='table' AND name=?1 "
                + "COLLATE NOCASE", name)
        guard let oldName = found.first?[0], var definition = found.first?[1] else {
            throw SourceError("the stored database has no table '\(name)'")
        }
        guard !oldName.lowercased().hasPrefix("sqlite_"),
            !definition.uppercased().hasPrefix("CREATE VIRTUAL")
        else {
            throw SourceError("'\(name)' is a table that only SQLite or an extension can make")
        }
        let newName = options.newName ?? oldName
        let parts = try rows(
            "SELECT type, sql FROM \(Self.old).sqlite_schema WHERE tbl_name=?1 AND sql IS NOT NULL "
                + "AND type IN ('index', 'trigger') ORDER BY type, rowid", oldName)
        try makeRoom(for: newName)
        if newName != oldName {
            // SQLite itself finds all places where its own name stands.
            try connection.run(
                "ALTER TABLE \(Self.old).\(quoted(oldName)) RENAME TO \(quoted(newName))")
            definition = try rows(
                "SELECT sql FROM \(Self.old).sqlite_schema WHERE type='table' AND name=?1", newName)[
                    0][0]
        }
        try connection.run(definition)
        if options.parts != .schema { try copy(newName, &report) }
        let renamed =
            newName == oldName
            ? parts.map { $0[1] }
            : try rows(
                "SELECT sql FROM \(Self.old).sqlite_schema WHERE tbl_name=?1 AND sql IS NOT NULL "
                    + "AND type IN ('index', 'trigger') ORDER BY type, rowid", newName
            ).map { try SQLiteDefinition($0[0]).prefixed(with: newName + "_") }
        for definition in renamed { try connection.run(definition) }
        try note(newName, &report)
        report.tables += 1
    }

    private func makeRoom(for name: String) throws {
        let there = try rows(
            "SELECT type FROM main.sqlite_schema WHERE name=?1 COLLATE NOCASE", name)
        guard let type = there.first?[0] else { return }
        guard type == "table", options.replaces else {
            throw SourceError(
                type == "table"
                    ? "the table '\(name)' is there already; give --replace to exchange it, or --as a "
                        + "new name"
                    : "'\(name)' is the name of another thing there, of kind \(type)")
        }
        try connection.run("DROP TABLE main.\(quoted(name))")
    }

    private func copy(_ name: String, _ report: inout DatabaseRestoreReport) throws {
        let table = quoted(name)
        // Generated columns are computed, and not given.
        let columns = try rows(
            "SELECT name FROM pragma_table_xinfo(?1, '\(Self.old)') WHERE hidden=0", name
        ).map { $0[0] }
        var list = columns.map(quoted).joined(separator: ", ")
        if let rowid = try rowid(of: table, columns) { list = rowid + ", " + list }
        try connection.run(
            "INSERT INTO main.\(table) (\(list)) SELECT \(list) FROM \(Self.old).\(table)")
        let counts = try ["main", Self.old].map {
            try connection.integer("SELECT count(*) FROM \($0).\(table)") ?? 0
        }
        guard counts[0] == counts[1] else {
            throw SourceError("\(counts[0]) of \(counts[1]) rows arrived in '\(name)'")
        }
        report.rows += Int(counts[0])
        try copySequence(of: name)
    }

    /// The name by which the hidden number of a row can be given; nil when there is none.
    private func rowid(of table: String, _ columns: [String]) throws -> String? {
        let taken = Set(columns.map { $0.lowercased() })
        guard let name = ["rowid", "_rowid_", "oid"].first(where: { !taken.contains($0) }),
            (try? connection.prepare("SELECT \(name) FROM \(Self.old).\(table)")) != nil
        else { return nil }
        return name
    }

    /// Where an AUTOINCREMENT stands, which may be behind the last row.
    private func copySequence(of name: String) throws {
        guard
            try connection.integer(
                "SELECT 1 FROM \(Self.old).sqlite_schema WHERE name='sqlite_sequence'") != nil,
            let row = try rows(
                "SELECT seq FROM \(Self.old).sqlite_sequence WHERE name=?1", name
            ).first
        else { return }
        _ = try rows("DELETE FROM main.sqlite_sequence WHERE name=?1", name)
        _ = try rows("INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)", name, row[0])
    }

    /// Says which rows refer to rows that the target does not have.
    private func note(_ name: String, _ report: inout DatabaseRestoreReport) throws {
        let broken = try connection.texts("PRAGMA main.foreign_key_check(\(quoted(name)))").count
        guard broken > 0 else { return }
        report.notes.append("\(broken) rows of '\(name)' refer to rows that are not there")
    }

    private func rows(_ text: String, _ values: String...) throws -> [[String]] {
        let statement = try connection.prepare(text)
        for (index, value) in values.enumerated() {
            try statement.bind(value, at: Int32(index + 1))
        }
        var rows: [[String]] = []
        while try statement.step() {
            rows.append((0..<statement.columns).map { statement.text($0) })
        }
        return rows
    }

    private func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }
}

/// A directory for a stored database while tables are copied out of it.
struct SQLiteScratch {
    private let directory: [UInt8]
    var database: [UInt8] { directory + Array("/database".utf8) }

    /// Of its own, in the directory of `target`, which has to be written anyway.
    init(beside target: [UInt8]) {
        let end = target.lastIndex(of: UInt8(ascii: "/")) ?? 0
        directory = target[..<end] + Array("/.varve-restore-\(randomName(byteCount: 6))".utf8)
    }

    func make() throws { try File.makeDirectory(RawText.text(directory), mode: 0o700) }

    func remove() {
        for ending in [[]] + SQLiteCompanion.all {
            try? File.remove(RawText.text(database + ending))
        }
        try? File.removeDirectory(RawText.text(directory))
    }
}
