import ArgumentParser
import VarveArchive
import VarveCodec
import VarveFormat
import VarveRepository
import VarveSources
import VarveSystem

extension Snapshot {
    struct Create: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a snapshot. (alias: varve backup)",
            usage: """
                varve snapshot create SOURCE... [OPTIONS]
                varve snapshot create --files-from FILE [OPTIONS]
                varve snapshot create --stdin NAME [OPTIONS]
                varve snapshot create --command NAME [OPTIONS] -- PROGRAM ARGS...
                """,
            discussion: """
                A source is a path, or a database by its URL: postgres://USER@HOST/DATABASE, with * \
                for every database of the server, or sqlite:PATH; env:NAME is a variable that holds \
                one. Several sources make one snapshot. SQLite databases among files are stored as \
                they were at one commit. Files whose size, times and inode are those of \
                the parent snapshot are not read again. The repository, the cache and the state \
                are never part of a snapshot.

                  varve snapshot create ~/Documents /etc
                  varve snapshot create /srv -e '*.tmp' --exclude-caches --tag daily
                  varve snapshot create postgres://backup@db.example/app /srv/app/uploads
                  mysqldump app | varve snapshot create --stdin app.sql
                  varve snapshot create --command app.sql -- mysqldump app
                  ssh db backup.sh | varve snapshot create --stdin app.sql.gz --gunzip

                With --command the program's exit status counts: when it fails, there is no \
                snapshot. Pipe dumps in as they are: compressed ones do not deduplicate, unless \
                --gunzip stores what is inside.

                Exit status: 0 done, 1 failed, 3 something could not be read.
                """)

        @Argument(
            help: ArgumentHelp(
                "Files, directories and databases; with --command, the program and its arguments.",
                valueName: "source"), completion: .file())
        var sources: [String] = []

        @Option(
            help: ArgumentHelp("Store standard input under this name.", valueName: "name"))
        var stdin: String?

        @Option(
            help: ArgumentHelp(
                "Store a program's output under this name; the program follows behind `--`.",
                valueName: "name"))
        var command: String?

        @Flag(help: "Store what is inside a stream that is compressed with gzip.")
        var gunzip = false

        @OptionGroup(title: "Lists of sources") var lists: ListOptions
        @OptionGroup(title: "How databases are read") var databases: SourceArguments
        @OptionGroup(title: "What is left out") var excludes: ExcludeOptions
        @OptionGroup(title: "What the snapshot says of itself") var about: DescriptionOptions

        @Option(
            help: ArgumentHelp(
                "Compare with this snapshot, not with the newest of the same sources.",
                valueName: "snapshot"))
        var parent: String?

        @Flag(
            name: .shortAndLong, help: "Read every file, also those that look unchanged.")
        var force = false

        @Flag(
            name: [.customShort("n"), .long],
            help: "Read everything and say what would be stored, but store nothing.")
        var dryRun = false

        @Flag(help: "Take no snapshot when it would equal its parent.")
        var skipIfUnchanged = false

        @Option(
            help: ArgumentHelp(
                "1 to 19, auto or off (VARVE_COMPRESSION).", valueName: "level"),
            completion: Compression.completion)
        var compression: String?

        @OptionGroup var common: GlobalOptions

        func run(_ console: Console) throws {
            let input = try CreateInput(
                words: sources, lists: lists, stdin: stdin, command: command, gunzip: gunzip,
                databases.options)
            var options = try options()
            let parent = try parent.map { try ReferenceWords($0) }
            let access = try RepositoryAccess(common.repository)
            let repository = try repository(access, for: input, console)
            options.ownDirectories = access.ownDirectories.map(Places.resolved)
            if let parent {
                options.parent = .snapshot(try parent.target(in: repository).entry.id)
            }
            Interrupts.install()
            try take(input, into: repository, options, console)
        }

        private func options() throws -> SnapshotOptions {
            var options = SnapshotOptions(
                time: try about.moment(), host: about.labels.hostName,
                user: about.labels.userName, program: Varve.program)
            options.tags = about.labels.tags
            options.description = about.labels.description ?? ""
            options.force = force
            options.isDryRun = dryRun
            options.countsAhead = Terminal.isTerminal(2)
            options.skipIfUnchanged = skipIfUnchanged
            options.excludes = try excludes.rules()
            options.databases = databases.options.opening
            options.level = try Compression.level(compression)
            return options
        }

        /// Opens the repository; the default one is made when it is missing.
        private func repository(
            _ access: RepositoryAccess, for input: CreateInput, _ console: Console
        ) throws -> Repository {
            guard access.isDefault, try !access.exists() else {
                return try dryRun ? access.openDry() : access.open()
            }
            guard !dryRun else {
                try console.say(
                    "there is no repository yet; it would be made at \(access.location)")
                return try RepositoryAccess.imagined()
            }
            try input.check()
            return try access.createDefault(console)
        }

        private func take(
            _ input: CreateInput, into repository: Repository, _ options: SnapshotOptions,
            _ console: Console
        ) throws {
            let progress = Progress()
            let events = CreateEvents(console)
            let live = try LiveLine.start(progress, console, common.output)
            defer { live?.stop() }
            let opened = try input.open()
            defer { opened.end() }
            let report: SnapshotReport
            do {
                report = try takeSnapshot(
                    of: opened.sources, into: repository, options, progress: progress,
                    observer: { events.note($0) })
            } catch ArchiveError.interrupted {
                throw Failure(
                    Failure.interruptedStatus,
                    "interrupted: no snapshot was taken, the earlier ones are untouched; run the "
                        + "command again")
            }
            live?.stop()
            let summary = CreateSummary(
                report: report, options: options, streamName: input.streamName,
                bytesRead: input.streamName == nil && !options.force
                    ? events.bytesRead : report.counts.bytes,
                compressedFile: events.compressedFile, excluded: events.excluded)
            try summary.print(console)
            if report.isIncomplete { throw Failure.reported(Failure.incompleteStatus) }
        }
    }
}
