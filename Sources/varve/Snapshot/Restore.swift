import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

extension Snapshot {
    struct Restore: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a snapshot, or a part of it, into a directory. (alias: varve restore)",
            usage: "varve snapshot restore REF[:PATH] --target DIRECTORY [OPTIONS]",
            discussion: """
                Without a path the whole tree is laid out below the target; with one, the contents \
                of that directory are put into it. Every byte is checked before it is written.

                  varve snapshot restore latest --target /tmp/back
                  varve snapshot restore latest:/srv/app/uploads --target /srv/app/uploads
                  varve snapshot restore @2026-11-21 /etc --target /tmp/etc

                Exit status: 0 done, 1 something could not be written, 20 damage found.
                """)

        @Argument(help: ArgumentHelp("The snapshot, and a path in it.", valueName: "ref[:path]"))
        var reference: String

        @Argument(help: ArgumentHelp("The path, if not given with a colon.", valueName: "path"))
        var path: String?

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp(
                "Directory to restore into; made if missing.", valueName: "directory"))
        var target: String

        @Flag(help: "Restore owners by number, not by name.")
        var numericIds = false

        @OptionGroup var filters: FilterOptions
        @OptionGroup var common: GlobalOptions

        func validate() throws {
            if target.isEmpty { throw ValidationError("--target is empty; name a directory") }
        }

        func run(_ console: Console) throws {
            let words = try ReferenceWords(reference, path: path)
            let repository = try RepositoryAccess(common.repository).open()
            let source = try words.target(in: repository, filters)
            var options = RestoreOptions(target: target, path: source.path)
            options.numericIDs = numericIds
            Interrupts.install()
            let progress = Progress()
            let events = EventPrinter(during: "restore", console)
            let live = try LiveLine.start(progress, console, common.output)
            defer { live?.stop() }
            let report: RestoreReport
            do {
                report = try VarveArchive.restore(
                    source.entry, of: repository, options, progress: progress,
                    observer: { events.print($0) })
            } catch ArchiveError.interrupted {
                throw Failure(
                    Failure.interruptedStatus,
                    "interrupted: \(target) holds a part of the snapshot; run the command again")
            } catch ArchiveError.target(let path, let reason) where path != target {
                throw Failure(
                    Failure.failedStatus,
                    "\(target) cannot take more: \(reason), at \(Shown.text(path)); what was "
                        + "restored so far is there, make room and run the command again")
            }
            live?.stop()
            try summarise(report, source, console)
            if report.isDamaged { throw Failure.reported(Failure.damagedStatus) }
            if !report.issues.isEmpty { throw Failure.reported(Failure.failedStatus) }
        }

        private func summarise(
            _ report: RestoreReport, _ source: Target, _ console: Console
        ) throws {
            guard !console.isJSON else { return try console.emit(json(report, source)) }
            let time = Amounts.duration(nanoseconds: report.durationNanoseconds)
            let rate = Amounts.rate(bytes: report.bytes, nanoseconds: report.durationNanoseconds)
            let others = report.others > 0 ? ", \(Amounts.count(report.others, "other"))" : ""
            try console.say(
                "restored snapshot \(source.entry.id.hex.prefix(8))"
                    + Shown.path(source.pathBytes.isEmpty ? [] : Array(":".utf8) + source.pathBytes)
                    + " into \(Shown.text(target))")
            try console.say(
                "  \(Amounts.count(report.files, "file")), "
                    + (report.directories == 1
                        ? "1 directory" : "\(Amounts.count(report.directories)) directories")
                    + others)
            try console.say(
                "  \(Amounts.bytes(report.bytes)) in \(time)" + (rate.map { " (\($0))" } ?? ""))
            for what in report.skipped { console.warn("not restored: \(what)") }
            if !report.issues.isEmpty {
                console.warn(
                    "\(Amounts.count(Set(report.issues.map(\.path)).count, "item")) could not be restored"
                )
            }
        }

        private func json(_ report: RestoreReport, _ source: Target) -> JSONValue {
            [
                "message_type": "summary", "snapshot_id": .text(source.entry.id.hex),
                "target": .text(target), "files_restored": .integer(report.files),
                "dirs_restored": .integer(report.directories),
                "others_restored": .integer(report.others),
                "bytes_restored": .integer(report.bytes),
                "seconds_elapsed": .number(Double(report.durationNanoseconds) / 1e9),
                "issues": .list(Issue.different(report.issues).map(\.json)),
                "skipped": .texts(report.skipped),
            ]
        }
    }
}
