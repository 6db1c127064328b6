import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSources
import VarveSystem

extension Snapshot {
    struct Dump: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Write a file, or a directory as an archive, to standard output. (alias: varve dump)",
            usage: "varve snapshot dump REF[:PATH] [OPTIONS]",
            discussion: """
                  varve snapshot dump latest:/app.sql | mysql app
                  varve snapshot dump latest:/postgres/app --format plain | psql app
                  varve snapshot dump latest:/srv/app | tar -x -C /tmp/app
                  varve snapshot dump latest /srv/app --archive zip --target app.zip
                  varve snapshot dump latest:/app.sql --gzip > app.sql.gz

                An archive holds what is in the directory; without a path, the whole snapshot.
                With --format a dumped database becomes what PostgreSQL's programs read. Only pg_dump \
                writes custom and directory: for these the database is restored into a scratch one \
                on the server that --through names, which is dropped again.
                """)

        @Argument(
            help: ArgumentHelp(
                "The snapshot, and the file or directory in it.", valueName: "ref[:path]"))
        var reference: String

        @Argument(help: ArgumentHelp("The path, if not given with a colon.", valueName: "path"))
        var path: String?

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("What a directory becomes: tar or zip.", valueName: "format"),
            completion: .list(ArchiveFormat.allCases.map(\.rawValue)))
        var archive: String = ArchiveFormat.tar.rawValue

        @Flag(help: "Compress what is written with gzip.")
        var gzip = false

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("Write into this file, not to standard output.", valueName: "file"),
            completion: .file())
        var target: String?

        @Option(
            help: ArgumentHelp(
                "What a dumped database becomes: plain, custom or directory.", valueName: "format"),
            completion: .list(["plain", "custom", "directory"]))
        var format: String?

        @Option(
            help: ArgumentHelp("The server for the scratch database.", valueName: "url"))
        var through: String?

        @OptionGroup var filters: FilterOptions
        @OptionGroup var common: GlobalOptions

        func run(_ console: Console) throws {
            guard let format = ArchiveFormat(rawValue: archive) else {
                throw Failure.usage("--archive is '\(archive)'; it is tar or zip")
            }
            let (repository, source) = try ReferenceWords(reference, path: path).open(
                common, filters)
            Interrupts.install()
            if let word = self.format {
                return try dumpPostgres(source, repository, as: word, console)
            }
            guard try isDirectory(source, repository) else {
                return try writing(isText: true, console) { output, progress in
                    _ = try dump(
                        source.path, of: source.entry, repository, to: output, progress: progress)
                }
            }
            guard !gzip || format == .tar else {
                throw Failure.usage("--gzip is for files and tar archives: a zip is compressed")
            }
            let events = EventPrinter(during: "dump", console)
            try writing(isText: false, console) { output, progress in
                try dumpArchive(
                    source.path, of: source.entry, repository, as: format, to: output,
                    progress: progress, observer: { events.print($0) })
            }
        }

        /// Lends `body` what is to be written to, with compression if that is asked for.
        func writing(
            isText: Bool, _ console: Console,
            _ body: (borrowing File, Progress) throws -> Void
        ) throws {
            let progress = Progress()
            guard let target else {
                guard isText && !gzip || !Terminal.isTerminal(1) else {
                    throw Failure.usage(
                        "an archive, or what gzip makes, is nothing for a terminal: pipe it on, or "
                            + "give --target FILE")
                }
                return try write(to: Console.output, progress, body)
            }
            let live = try LiveLine.start(progress, console, common.output)
            defer { live?.stop() }
            let replacement = try ReplacementFile(of: target, mode: 0o600)
            try write(to: replacement.file, progress, body)
            try replacement.takePlace()
        }

        private func write(
            to output: borrowing File, _ progress: Progress,
            _ body: (borrowing File, Progress) throws -> Void
        ) throws {
            guard gzip else { return try body(output, progress) }
            try GzippedOutput.writing(to: output) { try body($0, progress) }
        }

        private func isDirectory(_ target: Target, _ repository: Repository) throws -> Bool {
            var tree = try SnapshotTree(repository, target.entry)
            let node = try tree.find(target.path)
            return node == nil || node?.kind == .directory
        }
    }
}
