/// Asks a restored database what was to be asked of it.
struct PostgresQuestioning {
    let questions: ProofQuestions
    let url: PostgresURL

    func run(_ proof: inout SourceProof) throws {
        guard !questions.isEmpty else { return }
        // With the database's own settings, such as its search path, for that is how programs ask.
        let connection = try PostgresConnection(url)
        try connection.run("SET statement_timeout = 0")
        for table in questions.tables { try look(for: table, connection, &proof) }
        for assertion in questions.assertions { try ask(assertion, connection, &proof) }
    }

    private func look(
        for table: ProofQuestions.Table, _ connection: PostgresConnection,
        _ proof: inout SourceProof
    ) throws {
        let found = try connection.run(
            """
            SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm')
                AND (n.nspname || '.' || c.relname = \(SQLText.literal(table.name))
                    OR c.relname = \(SQLText.literal(table.name))
                        AND n.nspname NOT IN ('pg_catalog', 'information_schema'))
            """
        ).compactMap { $0.first.flatMap { $0 } }
        guard let name = found.first else {
            proof.failures.append("the table \(table.name) is missing")
            return
        }
        guard found.count == 1 else {
            proof.failures.append(
                "\(found.count) tables are called \(table.name); name its schema as well")
            return
        }
        proof.note(table, rows: try connection.number("SELECT count(*) FROM \(name)"))
    }

    /// A query that cannot be run is answered no.
    private func ask(
        _ assertion: ProofQuestions.Assertion, _ connection: PostgresConnection,
        _ proof: inout SourceProof
    ) throws {
        do {
            try connection.run("BEGIN READ ONLY")
            let rows = try connection.run(assertion.sql)
            proof.note(assertion, isTrue: rows == [["t"]], answer: Self.answer(rows))
        } catch let error as SourceError {
            proof.failures.append("\(assertion.shown) cannot be asked: \(error.description)")
        }
        try connection.run("ROLLBACK")
    }

    private static func answer(_ rows: [[String?]]) -> String {
        guard rows.count == 1, let row = rows.first else { return "\(rows.count) rows" }
        return row.map { $0 ?? "NULL" }.joined(separator: ", ")
    }
}
