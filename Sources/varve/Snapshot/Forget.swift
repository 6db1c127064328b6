import ArgumentParser
import VarveArchive
import VarveFormat
import VarveMaintenance
import VarveRepository
import VarveSystem

extension Snapshot {
    struct Forget: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove snapshots, by name or by rules. (alias: varve forget)",
            usage: """
                varve snapshot forget REF... [OPTIONS]
                varve snapshot forget --keep-... [OPTIONS]
                """,
            discussion: """
                Rules are applied to the snapshots of each host and its sources. A snapshot stays \
                when one rule keeps it, when it is pinned, or when it was committed last. `-n` shows \
                what would go.

                  varve snapshot forget 5c1f03a9 latest~3
                  varve snapshot forget --keep-daily 7 --keep-weekly 5 --keep-monthly 12 -n
                  varve snapshot forget --keep-within 14d --keep-yearly unlimited --host web1

                What goes frees no room by itself: `varve prune` does, or `--prune`.
                """)

        @Argument(help: ArgumentHelp("Snapshots to forget.", valueName: "ref"))
        var references: [String] = []

        @OptionGroup(title: "What stays") var rules: ForgetRules
        @OptionGroup var filters: ForgetFilters

        @Flag(
            help: "Go on where more than half of a group would go, which is a question otherwise.")
        var yes = false

        @Flag(name: [.customShort("n"), .long], help: "Show what would go, and change nothing.")
        var dryRun = false

        @Flag(help: "Prune afterwards, as `varve prune` does.")
        var prune = false

        @OptionGroup var common: GlobalOptions

        func validate() throws {
            let hasRules = try !rules.rules().isEmpty
            guard references.isEmpty == hasRules else {
                throw ValidationError(
                    hasRules
                        ? "name the snapshots to forget, or give rules, not both"
                        : "nothing says what to forget; name snapshots, or say what stays: "
                            + "--keep-daily 7, say")
            }
        }

        func run(_ console: Console) throws {
            let words = try references.map { try ReferenceWords($0) }
            let repository = try RepositoryAccess(common.repository).open()
            if let policy = RetentionPolicy(try rules.rules()) {
                let retention = PolicyForgetting(
                    policy: policy, grouping: try rules.grouping(), isConfirmed: yes,
                    isDryRun: dryRun)
                try retention.run(filters.options, in: repository, console)
            } else {
                try forget(words, in: repository, console)
            }
            // A dry run has forgotten nothing that could be pruned.
            if prune, !dryRun { try PruneSummary.prune(repository, console) }
        }

        /// Forgets what was named, or nothing at all.
        private func forget(
            _ words: [ReferenceWords], in repository: Repository, _ console: Console
        ) throws {
            var entries: [RepositoryState.SnapshotEntry] = []
            for word in words {
                let entry = try word.snapshot(in: repository, filters.options)
                if !entries.contains(where: { $0.id == entry.id }) { entries.append(entry) }
            }
            if let pinned = entries.first(where: \.isPinned) {
                let id = pinned.id.hex.prefix(8)
                throw Failure(
                    Failure.failedStatus,
                    "snapshot \(id) is pinned, nothing was forgotten; `varve snapshot unpin \(id)` "
                        + "lets it go")
            }
            let summary = ForgetSummary(console, dryRun: dryRun)
            let keptCount = repository.state.snapshots.count - entries.count
            try summary.show(entries)
            guard !dryRun else {
                return try summary.end(dryRunOf: entries, in: repository, keeping: keptCount)
            }
            try summary.end(repository.forget(entries), of: entries, keeping: keptCount)
        }
    }
}
