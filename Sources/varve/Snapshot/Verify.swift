import ArgumentParser
import VarveArchive
import VarveFormat
import VarveJobs
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
                  varve snapshot verify latest --restore --job app

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
            var (common, filters, questions) = (common, filters, proof.questions)
            if let job = try proof.namedJob {
                common.repository = try JobRepository(job, common.repository).options
                filters.tag.append(job.jobTag)
                questions.add(job.proof.questions)
            }
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
                ? SnapshotProving(target.entry, repository, questions, jobs: proof.jobs) : nil
            guard !dryRun else { return try tellPlan(proving, target, console) }
            let verification = Verification(
                target.entry, repository, proving, console, common.output)
            if let (status, _) = try verification.run() { throw Failure.reported(status) }
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
    }
}
