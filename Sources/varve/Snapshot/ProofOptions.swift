import ArgumentParser
import VarveSources

/// How a snapshot is proven by restoring it.
struct ProofOptions: ParsableArguments {
    @Flag(
        help: "Restore its databases into scratch servers, look at them, and remove them again.")
    var restore = false

    @Option(
        name: .customLong("expect-table"),
        help: ArgumentHelp(
            "A table that must be there, with so many rows at least; may be given several times.",
            valueName: "name[=rows]"))
    var expectedTables: [String] = []

    @Option(
        name: .customLong("assert"),
        help: ArgumentHelp(
            "A query that must answer with one true value; may be given several times.",
            valueName: "sql"))
    var assertions: [String] = []

    @Option(
        help: ArgumentHelp(
            "The database that is asked, when the snapshot has several.", valueName: "name"))
    var database: String?

    @Option(help: ArgumentHelp("Tables and indexes at the same time.", valueName: "number"))
    var jobs = 2

    func validate() throws {
        for word in expectedTables where ProofQuestions.Table(word) == nil {
            throw ValidationError("--expect-table is '\(word)'; write it as NAME or NAME=ROWS")
        }
        try DatabaseOptions.check(jobs)
        guard !restore else { return }
        guard expectedTables.isEmpty, assertions.isEmpty, database == nil else {
            throw ValidationError("--expect-table, --assert and --database go with --restore")
        }
    }

    var questions: ProofQuestions {
        var questions = ProofQuestions()
        questions.tables = expectedTables.compactMap { ProofQuestions.Table($0) }
        questions.assertions = assertions
        questions.database = database
        return questions
    }
}
