import VarveArchive
import VarveFormat
import VarveMaintenance
import VarveRepository
import VarveSystem

/// Forgets what a policy does not keep, after a look at how much that is.
struct PolicyForgetting {
    let policy: RetentionPolicy
    let grouping: RetentionGrouping
    /// Goes on where most of a group would go.
    let isConfirmed: Bool
    let isDryRun: Bool
    /// Snapshots that are incomplete are judged by themselves, so that they take the place of no other.
    var separatesIncomplete = false

    func run(_ filters: FilterOptions, in repository: Repository, _ console: Console) throws {
        let entries = repository.state.snapshots.filter(filters.filter.admits)
        let summary = ForgetSummary(console, dryRun: isDryRun)
        guard !entries.isEmpty else {
            return try summary.nothing(filters.mismatch(among: repository.state.snapshots.count))
        }
        guard separatesIncomplete else { return try run(entries, repository, summary, console) }
        for part in [
            entries.filter { !$0.summary.isIncomplete }, entries.filter(\.summary.isIncomplete),
        ]
        where !part.isEmpty {
            try run(part, repository, summary, console)
        }
    }

    private func run(
        _ entries: [RepositoryState.SnapshotEntry], _ repository: Repository,
        _ summary: ForgetSummary, _ console: Console
    ) throws {
        let dating = try SnapshotDating(of: repository)
        let plan = RetentionPlan(
            try entries.map { try dating.judge($0, in: repository) }, policy, by: grouping,
            RetentionCalendar(secondsEast: CalendarTime.secondsEast), latest: dating.latest)
        for part in plan.parts { try summary.show(part) }
        try confirm(plan, console)
        let isDrastic = plan.parts.contains(where: \.removesMost)
        guard !isDryRun else {
            return try summary.end(
                dryRunOf: plan.removed, in: repository, keeping: plan.kept.count,
                isDrastic: isDrastic)
        }
        try summary.end(
            repository.forget(by: plan), of: plan.removed, keeping: plan.kept.count,
            isDrastic: isDrastic)
    }

    /// Asks where a rule that was mistyped would cost most of a group.
    private func confirm(_ plan: RetentionPlan, _ console: Console) throws {
        let parts = plan.parts.filter(\.removesMost)
        guard let part = parts.first, !isConfirmed, !isDryRun else { return }
        let sentence =
            "this would forget \(Amounts.count(part.removed.count)) of the "
            + "\(Amounts.count(part.removed.count + part.kept.count)) "
            + ForgetSummary.name(part.group)
            + (parts.count > 1 ? ", and more than half of other groups" : "")
        try console.confirm(sentence)
    }
}
