import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSources
import VarveSystem

extension Snapshot {
    struct Verify: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove that a snapshot can be restored. (alias: varve verify)",
            usage: "varve snapshot verify REF [OPTIONS]",
            discussion: """
                  varve snapshot verify latest
                  varve snapshot verify latest --restore
                  varve snapshot verify latest --restore --expect-table users=1 \\
                      --assert 'SELECT max(created) > now() - interval $$2 days$$ FROM orders'

                Every byte is read. With --restore each database is restored as well, into a server of \
                its own on a private socket, looked at, and removed. What was proven is kept with the \
                snapshot as its grade: stored, read, restored, queried.

                Exit status: 0 proven, 1 a restore failed or an answer is wrong, 20 damage found.
                """)

        @Argument(help: ArgumentHelp("The snapshot.", valueName: "ref"))
        var reference: String

        // Taken so that a path gets a sentence, not the parser's puzzlement.
        @Argument(help: .hidden)
        var path: String?

        @OptionGroup var proof: ProofOptions
        @OptionGroup var filters: FilterOptions

        @Flag(name: [.customShort("n"), .long], help: "Say what would be done, and do nothing.")
        var dryRun = false

        @OptionGroup var common: GlobalOptions

        func run(_ console: Console) throws {
            let (repository, target) = try ReferenceWords(reference, path: path).open(
                common, filters, fromStorageAlone: true)
            guard target.path.isEmpty else {
                throw Failure.usage(
                    "a snapshot is verified whole; leave out the path: "
                        + "`varve snapshot verify \(target.entry.id.hex.prefix(8))`")
            }
            Interrupts.install()
            let proving =
                proof.restore
                ? SnapshotProving(target.entry, repository, proof.questions, jobs: proof.jobs) : nil
            guard !dryRun else { return try tellPlan(proving, target, console) }
            let progress = Progress()
            let events = EventPrinter(during: "verify", console)
            let live = try LiveLine.start(progress, console, common.output)
            defer { live?.stop() }
            let report = try verify(
                target.entry, of: repository, progress: progress,
                observer: { events.print($0) })
            // What is damaged is not restored to find that out once more.
            let proven = report.issues.isEmpty ? try proving?.run(progress: progress) : nil
            live?.stop()
            let grade = try keptGrade(report, proven, target, repository, console)
            try summarise(report, proven, grade, target, console)
            if !report.issues.isEmpty { throw Failure.reported(Failure.damagedStatus) }
            if let proven, !proven.failures.isEmpty {
                throw Failure.reported(Failure.failedStatus)
            }
        }

        private func tellPlan(
            _ proving: SnapshotProving?, _ target: Target, _ console: Console
        ) throws {
            let summary = target.entry.summary
            let steps =
                [
                    "would read \(Amounts.count(summary.files, "file")), \(Amounts.bytes(summary.bytes))"
                ]
                + (try proving?.plan() ?? [])
            guard !console.isJSON else {
                return try console.emit([
                    "message_type": "summary", "snapshot_id": .text(target.entry.id.hex),
                    "dry_run": .flag(true), "plan": .texts(steps),
                ])
            }
            for step in steps { try console.say("dry run: " + Shown.text(step)) }
        }

        /// Raises the grade to what was proven, or renews its time: the grade that the snapshot has now.
        private func keptGrade(
            _ report: VerifyReport, _ proven: ProofReport?, _ target: Target,
            _ repository: Repository, _ console: Console
        ) throws -> ProofGrade {
            let level = proven?.level ?? .read
            let grade = ProofGrade(level, time: Clock.wallNanoseconds())
            guard report.issues.isEmpty, level > .stored else { return target.entry.proofGrade }
            do {
                let isKept = try repository.amend(target.entry.id) { entry in
                    entry.proofGrade.level <= level ? .grade(grade.text) : nil
                }
                return isKept ? grade : target.entry.proofGrade
            } catch let error as RepositoryError {
                // Whoever may only read can verify, too.
                if case .interrupted = error { throw error }
                console.warn("the grade \(level.rawValue) is not kept: \(error.description)")
                return target.entry.proofGrade
            }
        }

        private func summarise(
            _ report: VerifyReport, _ proven: ProofReport?, _ grade: ProofGrade, _ target: Target,
            _ console: Console
        ) throws {
            guard !console.isJSON else {
                return try console.emit(json(report, proven, grade, target))
            }
            let name = "snapshot \(target.entry.id.hex.prefix(8))"
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
                    "\(name) is not proven; its grade stays \(target.entry.proofGrade.level.rawValue)"
                )
            }
            try console.say("\(name) is proven: \(proven.level.rawValue)")
        }

        private func json(
            _ report: VerifyReport, _ proven: ProofReport?, _ grade: ProofGrade, _ target: Target
        ) -> JSONValue {
            let value: JSONValue = [
                "message_type": "summary", "snapshot_id": .text(target.entry.id.hex),
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
}
