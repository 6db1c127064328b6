import CSQLite

/// Asks a restored SQLite database what was to be asked of it.
struct SQLiteQuestioning {
    let questions: ProofQuestions
    let connection: SQLiteConnection

    private static let rowsShownMax = 2

    func run(_ proof: inout SourceProof) throws {
        guard !questions.isEmpty else { return }
        try connection.run("PRAGMA query_only = ON")
        for table in questions.tables { try look(for: table, &proof) }
        for assertion in questions.assertions { try ask(assertion, &proof) }
    }

    private func look(for table: ProofQuestions.Table, _ proof: inout SourceProof) throws {
        let name = table.name.hasPrefix("main.") ? String(table.name.dropFirst(5)) : table.name
        let statement = try connection.prepare(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
                + "AND name = ?1 COLLATE NOCASE")
        try statement.bind(name, at: 1)
        guard try statement.step() else {
            proof.failures.append("the table \(table.name) is missing")
            return
        }
        let rows = try connection.integer(
            "SELECT count(*) FROM \(SQLText.identifier(statement.text(0)))")
        proof.note(table, rows: Int(rows ?? 0))
    }

    /// A number other than 0 is true. A query that cannot be run is answered no.
    private func ask(_ assertion: ProofQuestions.Assertion, _ proof: inout SourceProof) throws {
        do {
            let statement = try connection.prepare(assertion.sql)
            var rows: [(text: String, isTrue: Bool)] = []
            while rows.count < Self.rowsShownMax, try statement.step() {
                rows.append((statement.text(0), statement.number(0) != 0))
            }
            let isOne = rows.count == 1 && statement.columns == 1
            proof.note(
                assertion, isTrue: isOne && rows[0].isTrue,
                answer: isOne
                    ? rows[0].text.isEmpty ? "nothing" : rows[0].text
                    : "not with one row of one value")
        } catch let error as SQLiteError where error.kind == SQLITE_READONLY {
            proof.failures.append("\(assertion.shown) cannot be asked: it writes")
        } catch let error as SQLiteError {
            proof.failures.append("\(assertion.shown) cannot be asked: \(error)")
        }
    }
}
