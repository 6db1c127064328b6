import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

struct Import: VarveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make snapshots of old backup files, with their own times.",
        usage: "varve import DIRECTORY --time-from-name PATTERN [OPTIONS]",
        discussion: """
            One snapshot for each file whose name matches, oldest first, all of one stream. Files \
            that were imported before are skipped, so the command can be run again.

              varve import /backups --time-from-name 'app_%Y%m%d_%H%M%S.sql.gz' --gunzip
              varve import /backups --time-from-name 'app-%F.sql' --dry-run

            Fields: %Y %y %m %b %d %j %H %I %p %M %S %f %z %s (seconds since 1970), %F for \
            %Y-%m-%d, %T for %H:%M:%S; * is any text. Times without %z are local: `TZ=UTC varve \
            import` for names in UTC.

            Exit status: 0 done, 1 failed, 3 some file could not be imported.
            """)

    @Argument(
        help: ArgumentHelp("The directory with the files.", valueName: "directory"),
        completion: .directory)
    var directory: String

    @Option(
        help: ArgumentHelp("How a file's name says its time.", valueName: "pattern"))
    var timeFromName: String

    @Flag(help: "Decompress the files, so that they deduplicate.")
    var gunzip = false

    @Option(
        help: ArgumentHelp("The stream's name, if not the one in the pattern.", valueName: "name"))
    var name: String?

    @Flag(
        name: [.customShort("n"), .long], help: "Say what would be imported, and import nothing.")
    var dryRun = false

    @OptionGroup var labels: LabelOptions

    @Option(
        help: ArgumentHelp("1 to 19, auto or off (VARVE_COMPRESSION).", valueName: "level"),
        completion: Compression.completion)
    var compression: String?

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let pattern = try pattern()
        let options = try options(pattern)
        let source = try File.openDirectory(directory)
        let access = try RepositoryAccess(common.repository)
        let isMissing = try access.isDefault && !access.exists()
        let repository = try isMissing ? nil : access.open()
        let taken = repository?.state.snapshots(ofStream: options.name, host: options.host) ?? []
        let plan = try ImportPlan(source, pattern, taken: Set(taken.map(\.summary.time)))
        let summary = ImportSummary(plan: plan, options: options)
        guard !dryRun else { return try summary.printPlan(console) }
        Interrupts.install()
        try take(
            summary, from: source, into: try repository ?? access.createDefault(console), console)
    }

    private func take(
        _ summary: ImportSummary, from source: borrowing File, into repository: Repository,
        _ console: Console
    ) throws {
        let progress = Progress()
        let events = EventPrinter(during: "import", console)
        summary.reportLeftOut(events, console)
        let live = try LiveLine.start(progress, console, common.output)
        defer { live?.stop() }
        let report = try importFiles(
            summary.plan, from: source, into: repository, summary.options, progress: progress,
            observer: { events.print($0) })
        live?.stop()
        try summary.print(report, console)
        if report.isInterrupted {
            throw Failure(
                Failure.interruptedStatus,
                "interrupted: \(Amounts.count(report.snapshots, "snapshot")) came so far and stay; "
                    + "run the command again for the rest")
        }
        if !report.failures.isEmpty || summary.hasErrors {
            throw Failure.reported(Failure.incompleteStatus)
        }
    }

    private func pattern() throws -> TimePattern {
        do {
            return try TimePattern(timeFromName)
        } catch {
            throw Failure.usage("--time-from-name is '\(timeFromName)': \(error.reason)")
        }
    }

    private func options(_ pattern: TimePattern) throws -> ImportOptions {
        guard let name = name ?? pattern.streamName(isCompressed: gunzip) else {
            throw Failure.usage("the pattern leaves no name for the stream; give one with --name")
        }
        guard Node.isValid(name: Array(name.utf8)) else {
            throw Failure.usage("the stream's name is '\(name)'; it is a file name without slashes")
        }
        var options = ImportOptions(
            name: name, host: labels.hostName, user: labels.userName, program: Varve.program)
        options.tags = labels.tags
        options.description = labels.description ?? ""
        options.gunzip = gunzip
        options.level = try Compression.level(compression)
        return options
    }
}
