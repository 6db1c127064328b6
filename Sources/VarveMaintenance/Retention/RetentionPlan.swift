public import VarveFormat

/// What rules keep, with the reasons, and what goes.
public struct RetentionPlan: Sendable, Equatable {
    public struct Kept: Sendable, Equatable {
        public var entry: RepositoryState.SnapshotEntry
        /// Never empty.
        public var reasons: [KeepReason]
    }

    /// One group; both lists have the oldest first.
    public struct Part: Sendable, Equatable {
        public var group: RetentionGroup
        public var kept: [Kept] = []
        public var removed: [RepositoryState.SnapshotEntry] = []

        /// Whether so much of the group goes that somebody should have seen it.
        public var removesMost: Bool { removed.count > kept.count }
    }

    public let parts: [Part]

    public var kept: [RepositoryState.SnapshotEntry] { parts.flatMap { $0.kept.map(\.entry) } }
    public var removed: [RepositoryState.SnapshotEntry] { parts.flatMap(\.removed) }

    /// `latest` is the newest time that the storage gave: ages are not counted from what is
    /// dated more than an hour after it.
    public init(
        _ snapshots: [JudgedSnapshot], _ policy: RetentionPolicy, by grouping: RetentionGrouping,
        _ calendar: RetentionCalendar, latest: Int64
    ) {
        let groups = Dictionary(grouping: snapshots) { RetentionGroup(of: $0, grouping) }
        parts = groups.sorted { $0.key < $1.key }.map { group, members in
            Self.part(group, members.map(\.entry), policy, calendar, latest)
        }
    }

    private static func part(
        _ group: RetentionGroup, _ members: [RepositoryState.SnapshotEntry],
        _ policy: RetentionPolicy, _ calendar: RetentionCalendar, _ latest: Int64
    ) -> Part {
        let newestFirst = members.sorted {
            ($0.summary.time, $0.recordNumber) > ($1.summary.time, $1.recordNumber)
        }
        let present = SnapshotDating.isPlausible(latest)
        let newest = newestFirst.first { present($0.summary.time) } ?? newestFirst[0]
        let newestCommit = members.map(\.recordNumber).max()
        var rules = policy.rules.map {
            RuleProgress($0, calendar, newest: newest.summary.time)
        }
        var part = Part(group: group)
        for (index, entry) in newestFirst.enumerated() {
            let isOldest = index == newestFirst.count - 1
            var reasons = rules.indices.compactMap { rules[$0].reason(entry, isOldest: isOldest) }
            if entry.isPinned { reasons.append(.pinned) }
            if entry.recordNumber == newestCommit { reasons.append(.newestCommit) }
            if reasons.isEmpty {
                part.removed.append(entry)
            } else {
                part.kept.append(Kept(entry: entry, reasons: reasons))
            }
        }
        part.kept.reverse()
        part.removed.reverse()
        return part
    }
}
