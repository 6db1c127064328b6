import ArgumentParser
import VarveArchive
import VarveFormat
import VarveMaintenance
import VarveRepository
import VarveStorage
import VarveSystem

struct Sync: VarveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy snapshots to other repositories. (alias: varve copy)",
        usage: """
            varve sync DESTINATION... [OPTIONS]
            varve sync --from-repo SOURCE [REF...] [OPTIONS]
            """,
        discussion: """
            A destination that does not exist is made: the key of this repository opens it, and what \
            is stored goes over as it is sealed. One with keys of its own (`varve init --like`) gets \
            everything sealed anew. A sync that was interrupted goes on where it was; nothing is \
            ever removed at a destination but by --prune-destination.

              varve sync /mnt/second s3:https://s3.example.com/bucket/varve
              varve sync /mnt/second --tag weekly --since 2026-01-01 -n
              varve sync /mnt/second --prune-destination --keep-monthly 24
              varve copy -r /mnt/second --from-repo /mnt/backup latest

            Exit status: 3 when a snapshot could not be copied because it is damaged here.
            """)

    @Argument(
        help: ArgumentHelp(
            "Where the snapshots go; with --from-repo the snapshots.", valueName: "destination"),
        completion: .directory)
    var words: [String] = []

    @OptionGroup(title: "What is copied") var choice: SyncChoice
    @OptionGroup(title: "Keys of the others") var keys: SyncKeys

    @Flag(
        help: ArgumentHelp(
            "Forget at the destinations what the rules below do not keep, and prune them. What "
                + "they would not keep is not copied."))
    var pruneDestination = false

    @OptionGroup(title: "What stays at the destinations") var rules: ForgetRules

    @Flag(help: "Go on where more than half of a group would go, which is a question otherwise.")
    var yes = false

    @Flag(help: "Read everything back that was written, and compare it with its hashes.")
    var readBack = false

    @Flag(name: [.customShort("n"), .long], help: "Show what would be copied, and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func validate() throws {
        guard !words.isEmpty || keys.fromRepo != nil else {
            throw ValidationError("name a destination: varve sync /mnt/second, say")
        }
        guard words.count <= 64 else { throw ValidationError("name at most 64 destinations") }
        guard try rules.rules().isEmpty == !pruneDestination else {
            throw ValidationError(
                pruneDestination
                    ? "--prune-destination needs rules: --keep-monthly 24, say"
                    : "rules are for --prune-destination")
        }
        let hasReferences = !choice.snapshot.isEmpty || keys.fromRepo != nil && !words.isEmpty
        guard !pruneDestination || !hasReferences else {
            throw ValidationError("rules judge all snapshots; name none with --prune-destination")
        }
    }

    func run(_ console: Console) throws {
        Interrupts.install()
        let ends = try SyncEnds(common.repository, keys, words)
        let references = choice.snapshot + (keys.fromRepo == nil ? [] : words)
        let (source, secret) = try ends.source.openWithSecret()
        let chosen = try choice.snapshots(of: source, references)
        let summary = SyncSummary(console, dryRun: dryRun)
        guard !chosen.isEmpty else {
            return try summary.nothing(choice.mismatch(among: source.state.snapshots.count))
        }
        var opened: [OpenedDestination] = []
        for access in ends.destinations {
            do {
                opened.append(
                    try OpenedDestination(
                        access, of: source, secret, noting: ends.source.secret == nil,
                        beside: opened, isDry: dryRun))
            } catch {
                summary.failed(access.location, error)
            }
        }
        for one in opened { try summary.begin(one) }
        try console.flush()
        let targets = try plan(opened, chosen, source)
        try confirm(targets, console)
        let reports = try copy(targets, of: source, summary, console)
        for (index, (one, report)) in zip(opened, reports).enumerated() {
            if !dryRun, report.failure == nil { one.remember(report, in: source, keys) }
            try summary.show(report, targets[index].plan)
            if pruneDestination, !dryRun, report.isComplete {
                try PruneSummary.prune(one.repository, console)
            }
        }
        try summary.end()
    }

    private func copy(
        _ targets: [SyncTarget], of source: Repository, _ summary: SyncSummary, _ console: Console
    ) throws -> [SyncReport] {
        var options = SyncOptions()
        (options.isDryRun, options.readsBack) = (dryRun, readBack)
        let live = try LiveLine.start(summary.progress, console, common.output)
        defer { live?.stop() }
        return try source.sync(to: targets, options) { summary.note($0) }
    }

    /// What each destination gets.
    private func plan(
        _ opened: [OpenedDestination], _ chosen: [RepositoryState.SnapshotEntry],
        _ source: Repository
    ) throws -> [SyncTarget] {
        guard let policy = RetentionPolicy(try rules.rules()) else {
            return opened.map { SyncTarget($0.repository, SyncPlan(chosen, to: $0.repository)) }
        }
        let retention = SyncRetention(
            policy, by: try rules.grouping(),
            RetentionCalendar(secondsEast: CalendarTime.secondsEast))
        return try opened.map { one in
            let judged = one.repository.state.snapshots.filter(try choice.admits())
            return SyncTarget(
                one.repository,
                try SyncPlan(chosen, of: source, to: one.repository, judging: judged, retention))
        }
    }

    /// Asks where a rule that was mistyped would cost most of a group.
    private func confirm(_ targets: [SyncTarget], _ console: Console) throws {
        guard !yes, !dryRun else { return }
        for target in targets {
            guard let group = target.plan.drastic.first else { continue }
            try console.confirm(
                "this would forget more than half of the \(ForgetSummary.name(group)) at "
                    + target.repository.storage.location)
        }
    }
}
