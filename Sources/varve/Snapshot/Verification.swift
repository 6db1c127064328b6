import VarveArchive
import VarveFormat
import VarveRepository
import VarveSources
import VarveSystem

/// Reads a snapshot, proves it when asked to, keeps its grade, and says what came of it.
struct Verification {
    private let entry: RepositoryState.SnapshotEntry
    private let repository: Repository
    private let proving: SnapshotProving?
    private let console: Console
    private let output: OutputOptions

    init(
        _ entry: RepositoryState.SnapshotEntry, _ repository: Repository,
        _ proving: SnapshotProving?, _ console: Console, _ output: OutputOptions
    ) {
        self.entry = entry
        self.repository = repository
        self.proving = proving
        self.console = console
        self.output = output
    }

    /// Reads and proves, and says what came of it: how a command that did nothing else fails, and why; nil when all
    /// is well.
    func run() throws -> (status: Int32, reason: String)? {
        let progress = Progress()
        let events = EventPrinter(during: "verify", console)
        let live = try LiveLine.start(progress, console, output)
        defer { live?.stop() }
        let report = try verify(
            entry, of: repository, progress: progress, observer: { events.print($0) })
        // What is damaged is not restored to find that out once more.
        let proven = report.issues.isEmpty ? try proving?.run(progress: progress) : nil
        live?.stop()
        let grade = try keptGrade(report, proven)
        try summarise(report, proven, grade)
        if !report.issues.isEmpty { return (Failure.damagedStatus, "it is damaged") }
        return proven?.failures.first.map { (Failure.failedStatus, Shown.text($0)) }
    }

    /// Raises the grade to what was proven, or renews its time: the grade that the snapshot has now.
    private func keptGrade(
        _ report: VerifyReport, _ proven: ProofReport?
    ) throws -> ProofGrade {
        let level = proven?.level ?? .read
        let grade = ProofGrade(level, time: Clock.wallNanoseconds())
        guard report.issues.isEmpty, level > .stored else { return entry.proofGrade }
        do {
            let isKept = try repository.amend(entry.id) { entry in
                entry.proofGrade.level <= level ? .grade(grade.text) : nil
            }
            return isKept ? grade : entry.proofGrade
        } catch let error as RepositoryError {
            // Whoever may only read can verify, too.
            if case .interrupted = error { throw error }
            console.warn("the grade \(level.rawValue) is not kept: \(error.description)")
            return entry.proofGrade
        }
    }

    private func summarise(
        _ report: VerifyReport, _ proven: ProofReport?, _ grade: ProofGrade
    ) throws {
        guard !console.isJSON else {
            return try console.emit(json(report, proven, grade))
        }
        let name = "snapshot \(entry.id.hex.prefix(8))"
        let time = Amounts.duration(nanoseconds: report.durationNanoseconds)
        guard report.issues.isEmpty else {
            return console.warn(
                "\(name) is damaged: \(Issue.items(report.issues)) cannot be restored, everything "
                    + "else can")
        }
        try console.say(
            "\(name) is whole: \(Amounts.count(report.files, "file")), "
                + "\(Amounts.bytes(report.bytes)), "
                + "\(Amounts.count(report.chunks, "different chunk")) read in \(time)")
        guard let proven else { return }
        for line in ProofSummary.lines(proven) { try console.say(line) }
        for failure in proven.failures { console.warn(Shown.text(failure)) }
        guard proven.failures.isEmpty else {
            return console.warn(
                "\(name) is not proven; its grade stays \(entry.proofGrade.level.rawValue)"
            )
        }
        try console.say("\(name) is proven: \(proven.level.rawValue)")
    }

    private func json(
        _ report: VerifyReport, _ proven: ProofReport?, _ grade: ProofGrade
    ) -> JSONValue {
        let value: JSONValue = [
            "message_type": "summary", "snapshot_id": .text(entry.id.hex),
            "valid": .flag(report.issues.isEmpty && proven?.failures.isEmpty ?? true),
            "issues": .list(Issue.different(report.issues).map(\.json)),
            "files": .integer(report.files),
            "dirs": .integer(report.directories), "bytes": .integer(report.bytes),
            "chunks": .integer(report.chunks), "grade": .text(grade.level.rawValue),
            "seconds_elapsed": .seconds(nanoseconds: report.durationNanoseconds),
        ]
        return proven.map { value.adding("proof", ProofSummary.json($0)) } ?? value
    }
}
