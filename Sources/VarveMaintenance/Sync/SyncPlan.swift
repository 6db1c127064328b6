public import VarveFormat
public import VarveRepository

/// Which snapshots go to one destination, and which that has are to go.
public struct SyncPlan: Sendable {
    /// Not there yet, in the order of their commits.
    public var copied: [RepositoryState.SnapshotEntry] = []
    /// There already.
    public var present: [RepositoryState.SnapshotEntry] = []
    /// Those that the rules would remove there at once.
    public var leftOut = 0
    /// Those of the destination that the rules remove, once the others are there.
    public var removed: [RepositoryState.SnapshotEntry] = []
    /// What they keep, of both.
    var kept: [SnapshotID] = []
    /// Groups of which so much goes that somebody should have seen it.
    public var drastic: [RetentionGroup] = []

    /// Of the `chosen` snapshots of a source those that the destination lacks.
    public init(_ chosen: [RepositoryState.SnapshotEntry], to destination: Repository) {
        let there = Set(destination.state.snapshots.map(\.id))
        copied = chosen.filter { !there.contains($0.id) }
        present = chosen.filter { there.contains($0.id) }
    }
}

/// By what the snapshots of a destination are judged.
public struct SyncRetention: Sendable {
    public var policy: RetentionPolicy
    public var grouping: RetentionGrouping
    public var calendar: RetentionCalendar

    public init(
        _ policy: RetentionPolicy, by grouping: RetentionGrouping, _ calendar: RetentionCalendar
    ) {
        (self.policy, self.grouping, self.calendar) = (policy, grouping, calendar)
    }
}

extension SyncPlan {
    /// The same under rules: judged are the destination's snapshots among `judged`, and what is chosen
    /// as if it were there already. What the rules would remove is not copied.
    public init(
        _ chosen: [RepositoryState.SnapshotEntry], of source: Repository,
        to destination: Repository, judging judged: [RepositoryState.SnapshotEntry],
        _ rules: SyncRetention
    ) throws {
        self.init(chosen, to: destination)
        let (theirs, own) = (
            try SnapshotDating(of: source), try SnapshotDating(of: destination)
        )
        let all =
            try Commits(judged, of: destination, own).all
            + Commits(copied, of: source, theirs, areCopies: true).all
        let plan = RetentionPlan(
            Commits.inOrder(all), rules.policy, by: rules.grouping, rules.calendar,
            latest: max(theirs.latest, own.latest))
        let live = Set(destination.state.snapshots.map(\.id))
        let gone = Set(plan.removed.map(\.id))
        leftOut = copied.count { gone.contains($0.id) }
        copied.removeAll { gone.contains($0.id) }
        removed = plan.removed.filter { live.contains($0.id) }
        kept = plan.kept.map(\.id)
        drastic = plan.parts.filter { part in
            part.removed.count { live.contains($0.id) } > part.kept.count
        }.map(\.group)
    }
}

extension Repository {
    /// Forgets what rules remove, as long as all that they keep is there, copies among it.
    func forget(by plan: SyncPlan) throws -> [SnapshotID] {
        guard !plan.removed.isEmpty else { return [] }
        return try forget(plan.removed, relyingOn: plan.kept).forgotten
    }
}
