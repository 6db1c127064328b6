import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

extension Snapshot {
    struct History: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every version of one file, and what changed.",
            usage: "varve snapshot history PATH [OPTIONS]",
            discussion: """
                  varve snapshot history /etc/hosts
                  varve snapshot history /etc/nginx/nginx.conf -p
                  varve snapshot history app.sql --host web1

                PATH is a path in the snapshots. Of each version the first snapshot that has it is \
                named. Here -p is --patch; name a file with a passphrase with --passphrase-file.
                """)

        @Argument(help: ArgumentHelp("The path in the snapshots.", valueName: "path"))
        var path: String

        @Flag(help: "Show the changes of texts, as a unified diff. (-p)")
        var patch = false

        @OptionGroup var filters: FilterOptions
        @OptionGroup var common: GlobalOptions

        func run(_ console: Console) throws {
            let names = try Target.components(path)
            guard !names.isEmpty else {
                throw Failure.usage("name a file or directory in the snapshots, such as /etc/hosts")
            }
            let repository = try RepositoryAccess(common.repository).open()
            Interrupts.install()
            let all = repository.state.snapshots
            let entries = all.filter(filters.filter.admits)
            guard !entries.isEmpty else {
                throw RepositoryError.notFound(filters.mismatch(among: all.count))
            }
            let found = try history(of: names, in: entries, of: repository)
            let summary = HistorySummary(
                history: found, path: names.flatMap { [UInt8(ascii: "/")] + $0 },
                showsPatches: patch, console: console, hint: hint)
            try summary.print(repository, among: entries.count)
        }

        /// What was meant by a path that does not begin at the root, if that can be told.
        private var hint: String {
            guard !path.hasPrefix("/") else { return "" }
            if let colon = path.firstIndex(of: ":"),
                SnapshotReference(String(path[..<colon]), time: { TimeText($0)?.last }) != nil
            {
                return "; history looks into all of them, so name the path alone"
            }
            let here = Places.absolute(path)
            guard (try? File.status(of: here, follow: false)) != nil else { return "" }
            return "; a path begins at the root, so the file here is \(Shown.text(here))"
        }
    }
}
