import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

extension Snapshot {
    struct Verify: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every byte of a snapshot, and restore nothing. (alias: varve verify)",
            usage: "varve snapshot verify REF [OPTIONS]",
            discussion: """
                  varve snapshot verify latest
                  varve snapshot verify 5c1f03a9 --json

                Exit status: 0 all of it can be restored, 20 damage found.
                """)

        @Argument(help: ArgumentHelp("The snapshot.", valueName: "ref"))
        var reference: String

        // Taken so that a path gets a sentence, not the parser's puzzlement.
        @Argument(help: .hidden)
        var path: String?

        @OptionGroup var filters: FilterOptions
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
            let progress = Progress()
            let events = EventPrinter(during: "verify", console)
            let live = try LiveLine.start(progress, console, common.output)
            defer { live?.stop() }
            let report = try verify(
                target.entry, of: repository, progress: progress,
                observer: { events.print($0) })
            live?.stop()
            try summarise(report, target, console)
            if !report.issues.isEmpty { throw Failure.reported(Failure.damagedStatus) }
        }

        private func summarise(
            _ report: VerifyReport, _ target: Target, _ console: Console
        ) throws {
            guard !console.isJSON else { return try console.emit(json(report, target)) }
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
        }

        private func json(_ report: VerifyReport, _ target: Target) -> JSONValue {
            [
                "message_type": "summary", "snapshot_id": .text(target.entry.id.hex),
                "valid": .flag(report.issues.isEmpty),
                "issues": .list(Issue.different(report.issues).map(\.json)),
                "files": .integer(report.files),
                "dirs": .integer(report.directories), "bytes": .integer(report.bytes),
                "chunks": .integer(report.chunks),
                "seconds_elapsed": .seconds(nanoseconds: report.durationNanoseconds),
            ]
        }
    }
}
