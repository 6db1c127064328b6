import ArgumentParser
import VarveJobs
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
            "The database that is asked, when there are several: its name, or the path of its file.",
            valueName: "name"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "Ask what this job of varve.yaml asks, of its snapshots and in its repository.",
            valueName: "name"))
    var job: String?

    @Option(
        help: ArgumentHelp("File with the job (VARVE_CONFIG).", valueName: "file"),
        completion: .file(extensions: ["yaml"]))
    var config: String?

    @Option(help: ArgumentHelp("Tables and indexes at the same time.", valueName: "number"))
    var jobs = 2

    func validate() throws {
        for word in expectedTables where ProofQuestions.Table(word) == nil {
            throw ValidationError("--expect-table is '\(word)'; write it as NAME or NAME=ROWS")
        }
        try SourceArguments.check(jobs)
        guard config == nil || job != nil else { throw ValidationError("--config goes with --job") }
        guard !restore else { return }
        guard expectedTables.isEmpty, assertions.isEmpty, database == nil, job == nil else {
            throw ValidationError(
                "--expect-table, --assert, --database and --job go with --restore")
        }
    }

    /// The job that is named, out of its file.
    var namedJob: Job? {
        get throws {
            guard let job else { return nil }
            let file = try Run.file(config)
            guard let found = file[job] else {
                throw Failure.usage("\(Shown.text(file.path)) has no job '\(Shown.text(job))'")
            }
            return found
        }
    }

    var questions: ProofQuestions {
        var questions = ProofQuestions()
        questions.tables = expectedTables.compactMap { ProofQuestions.Table($0) }
        questions.assertions = assertions.map { ProofQuestions.Assertion($0) }
        questions.database = database
        return questions
    }
}
