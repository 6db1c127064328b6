import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository

extension Snapshot {
    struct List: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "List snapshots, the newest last. (alias: varve snapshots)",
            usage: "varve snapshot list [OPTIONS]",
            discussion: """
                  varve snapshot list
                  varve snapshot list --latest 1 --host web1
                  varve snapshot list --json | jq -r '.[-1].id'

                Size is that of all files, Added what the snapshot added to the repository. \
                Grade is what `verify` has proven: stored, read, restored or queried.
                """)

        @OptionGroup var filters: FilterOptions

        @Option(
            help: ArgumentHelp(
                "Only the newest of each host and its sources.", valueName: "count"))
        var latest: Int?

        @OptionGroup var common: GlobalOptions

        func validate() throws {
            if let latest, latest < 1 { throw ValidationError("--latest is a number above 0") }
        }

        func run(_ console: Console) throws {
            let repository = try RepositoryAccess(common.repository).open()
            let admitted = repository.state.snapshots.filter(filters.filter.admits)
            let entries = Self.newest(SnapshotReference.oldestFirst(admitted), latest)
            guard !console.isJSON else {
                return try console.print(JSONValue.list(entries.map(\.json)).line)
            }
            guard !entries.isEmpty else {
                return try console.say(filters.mismatch(among: repository.state.snapshots.count))
            }
            for line in table(entries).lines { try console.print(line) }
            try console.say(Amounts.count(entries.count, "snapshot"))
        }

        /// The last `count` of each group with the same host and sources.
        private static func newest(
            _ entries: [RepositoryState.SnapshotEntry], _ count: Int?
        ) -> [RepositoryState.SnapshotEntry] {
            guard let count else { return entries }
            var taken: [[ExactText]: Int] = [:]
            let kept = entries.reversed().filter { entry in
                let group = ([entry.summary.host] + entry.summary.sources).exact
                taken[group, default: 0] += 1
                return taken[group, default: 0] <= count
            }
            return kept.reversed()
        }

        private func table(_ entries: [RepositoryState.SnapshotEntry]) -> Table {
            var table = Table([
                ("ID", .left), ("Time", .left), ("Host", .left), ("Size", .right),
                ("Added", .right), ("Sources", .left), ("Tags", .left), ("Grade", .left),
                ("Remarks", .left),
            ])
            let isProven = entries.contains { $0.proofGrade.level > .stored }
            for entry in entries {
                let summary = entry.summary
                table.add([
                    String(entry.id.hex.prefix(8)), TimeText.local(summary.time),
                    Shown.text(summary.host), Amounts.bytes(summary.bytes),
                    Amounts.bytes(summary.bytesStored),
                    Shown.text(summary.sources.joined(separator: ", ")),
                    Shown.text(summary.tags.joined(separator: ", ")),
                    isProven ? entry.proofGrade.level.rawValue : "", Self.remarks(entry),
                ])
            }
            return table
        }

        private static func remarks(_ entry: RepositoryState.SnapshotEntry) -> String {
            [
                entry.isPinned ? "pinned" : "", entry.summary.isIncomplete ? "incomplete" : "",
                entry.damage.isEmpty ? "" : "damaged", Shown.text(entry.summary.description),
            ].filter { !$0.isEmpty }.joined(separator: ", ")
        }
    }
}
