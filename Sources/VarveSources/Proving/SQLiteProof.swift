import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

/// Restores one SQLite database into a scratch file, and has SQLite look at it.
struct SQLiteProof {
    /// Where it lies in the snapshot.
    let path: [UInt8]
    let questions: ProofQuestions

    private static let flawsMax = 10

    func run(
        _ proof: inout SourceProof, _ entry: RepositoryState.SnapshotEntry,
        _ repository: Repository, _ progress: Progress
    ) throws {
        var start = Clock.monotonicNanoseconds()
        let place = try ScratchPlace()
        try withExtendedLifetime(place) {
            let file = Array((place.path + "/database").utf8)
            try SQLiteTableRestore.dumpFile(
                path.split(separator: UInt8(ascii: "/")).map(Array.init), of: entry, repository,
                to: file, progress)
            proof.add("load", since: &start)
            try check(file, &proof)
            proof.add("checks", since: &start)
        }
    }

    private func check(_ file: [UInt8], _ proof: inout SourceProof) throws {
        let connection = try SQLiteConnection(file, .write)
        defer { connection.close() }
        let flaws = try connection.texts("PRAGMA integrity_check(\(Self.flawsMax))")
        guard flaws == ["ok"] else {
            proof.failures.append("integrity_check: \(flaws.joined(separator: "; "))")
            return
        }
        proof.isRestored = true
        proof.checks.append("integrity_check: no complaint")
        let names = try connection.texts(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
        for name in names {
            proof.rows += Int(
                try connection.integer("SELECT count(*) FROM \(SQLText.identifier(name))") ?? 0)
        }
        proof.checks.append("restored (tables: \(names.count), rows: \(proof.rows))")
        let broken = try connection.texts("PRAGMA foreign_key_check").count
        if broken > 0 {
            proof.notes.append("\(broken) rows refer to rows that are not there")
        }
        try SQLiteQuestioning(questions: questions, connection: connection).run(&proof)
    }
}
