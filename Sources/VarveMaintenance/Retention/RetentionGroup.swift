public import VarveFormat

/// A snapshot, and how far its time is to be believed.
public struct JudgedSnapshot: Sendable, Equatable {
    /// Who vouches for the time of a snapshot.
    public enum Dating: Int, Sendable, CaseIterable {
        /// The storage, which took its first record at about that time.
        case storage
        /// The repository that it was copied from, or so its copy says.
        case origin
        /// Nobody.
        case hand
    }

    public var entry: RepositoryState.SnapshotEntry
    public var dating: Dating

    public init(_ entry: RepositoryState.SnapshotEntry, _ dating: Dating) {
        self.entry = entry
        self.dating = dating
    }
}

/// What snapshots of one group have in common.
public struct RetentionGrouping: OptionSet, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let host = RetentionGrouping(rawValue: 1)
    public static let source = RetentionGrouping(rawValue: 2)
    public static let tag = RetentionGrouping(rawValue: 4)
}

/// The snapshots among which rules are applied.
public struct RetentionGroup: Sendable, Hashable {
    /// Nil when hosts are not told apart.
    public var host: ExactText?
    /// In order; nil when sources are not told apart.
    public var sources: [ExactText]?
    /// In order; nil when tags are not told apart.
    public var tags: [ExactText]?
    public var dating: JudgedSnapshot.Dating

    init(of snapshot: JudgedSnapshot, _ grouping: RetentionGrouping) {
        let summary = snapshot.entry.summary
        host = grouping.contains(.host) ? ExactText(summary.host) : nil
        sources = grouping.contains(.source) ? Set(summary.sources.exact).sorted() : nil
        tags = grouping.contains(.tag) ? Set(summary.tags.exact).sorted() : nil
        dating = snapshot.dating
    }
}

extension RetentionGroup: Comparable {
    /// By host, sources and tags; what the storage vouches for comes first.
    public static func < (a: RetentionGroup, b: RetentionGroup) -> Bool {
        let names = { (group: RetentionGroup) in
            [group.host.map { [$0] } ?? [], group.sources ?? [], group.tags ?? []]
        }
        for (one, other) in zip(names(a), names(b)) where one != other {
            return one.lexicographicallyPrecedes(other)
        }
        return a.dating.rawValue < b.dating.rawValue
    }
}
