import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSources
import VarveSystem

extension Snapshot {
    struct Diff: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what changed between two snapshots, or since one. (alias: varve diff)",
            usage: """
                varve snapshot diff REF[:PATH] REF[:PATH] [OPTIONS]
                varve snapshot diff REF[:PATH] --live PATH [OPTIONS]
                """,
            discussion: """
                  varve snapshot diff latest~1 latest
                  varve snapshot diff @2026-11-20:/etc latest:/etc -p
                  varve snapshot diff latest --live /srv/app

                + added, - removed, M another content, T another type, R moved, and with --metadata \
                U other metadata only. With --live the second side is the file system as it is now. \
                Here -p is --patch; name a file with a passphrase with --passphrase-file.
                """)

        @Argument(
            help: ArgumentHelp("The snapshots, and paths in them.", valueName: "ref[:path]"))
        var references: [String]

        @Option(
            help: ArgumentHelp(
                "Compare with this file or directory as it is now.", valueName: "path"),
            completion: .file())
        var live: String?

        @Flag(help: "With --live, read files also where size and times say that they are the same.")
        var checksum = false

        @Flag(help: "Also show where only metadata differ.")
        var metadata = false

        @Flag(help: "Show the changes of texts, as a unified diff. (-p)")
        var patch = false

        @OptionGroup(title: "What is left out of --live") var excludes: ExcludeOptions
        @OptionGroup var filters: FilterOptions
        @OptionGroup var common: GlobalOptions

        func validate() throws {
            guard references.count == (live == nil ? 2 : 1) else {
                throw ValidationError(
                    live == nil
                        ? "name two snapshots, or one and --live with what it is compared with"
                        : "with --live name one snapshot")
            }
            if checksum, live == nil { throw ValidationError("--checksum goes with --live") }
        }

        func run(_ console: Console) throws {
            let words = try references.map { try ReferenceWords($0) }
            let access = try RepositoryAccess(common.repository)
            let repository = try access.open()
            let targets = try words.map { try $0.target(in: repository, filters) }
            Interrupts.install()
            let (report, live) = try report(targets, access, repository)
            let summary = DiffSummary(
                report: report, showsMetadata: metadata, showsPatches: patch, live: live,
                console: console)
            try summary.print(repository)
        }

        /// In what the two sides differ; with `--live` also what reads a file of the second one.
        private func report(
            _ targets: [Target], _ access: RepositoryAccess, _ repository: Repository
        ) throws -> (ComparisonReport, live: DiffSummary.LiveFile?) {
            guard let live else {
                let trees = try targets.map {
                    try ComparedTree($0.entry, $0.path, of: repository)
                }
                return (try compare(trees[0], trees[1], of: repository), nil)
            }
            var options = LiveOptions(host: Environment.hostName())
            options.excludes = try excludes.rules()
            options.ownDirectories = access.ownDirectories.map(Places.resolved)
            options.databases = SourceOptions().opening
            options.readsAll = checksum
            let path = Places.plain(live)
            let names = try Target.components(path)
            let target = targets[0]
            let report = try compare(
                target.entry, target.path.isEmpty ? names : target.path, of: repository,
                withLive: names.flatMap { [UInt8(ascii: "/")] + $0 }, options)
            return (report, { PatchedFile(live: $0) })
        }
    }
}
