import VarveFormat

/// How far one rule has come on its way through a group, from the newest snapshot to the oldest.
struct RuleProgress {
    private let rule: RetentionRule
    private let calendar: RetentionCalendar
    /// Where the age of a rule ends; nil for a rule without one.
    private let start: Int64?
    /// The period of the last snapshot that was kept.
    private var period: Int?
    private var keptCount = 0

    init(_ rule: RetentionRule, _ calendar: RetentionCalendar, newest: Int64) {
        self.rule = rule
        self.calendar = calendar
        switch rule {
        case .within(let age), .newestWithin(_, let age):
            start = calendar.moment(age, before: newest)
        case .last, .newest, .tags: start = nil
        }
    }

    /// Why the rule keeps the next older snapshot; nil when it does not.
    mutating func reason(
        _ entry: RepositoryState.SnapshotEntry, isOldest: Bool
    ) -> KeepReason? {
        if let start, entry.summary.time < start { return nil }
        switch rule {
        case .last(let count): return hasRoom(count) ? kept() : nil
        case .newest(let kind, let count):
            return hasRoom(count) ? first(of: kind, entry, orOldest: isOldest) : nil
        case .newestWithin(let kind, _): return first(of: kind, entry)
        case .within: return kept()
        case .tags(let tags):
            return Set(tags).isSubset(of: entry.summary.tags) ? kept() : nil
        }
    }

    private func hasRoom(_ count: RetentionRule.Count) -> Bool {
        switch count {
        case .unlimited: true
        case .limited(let limit): keptCount < limit
        }
    }

    /// Keeps what comes first in its period, and the oldest of all as long as there is room for more.
    private mutating func first(
        of kind: RetentionCalendar.Period, _ entry: RepositoryState.SnapshotEntry,
        orOldest isOldest: Bool = false
    ) -> KeepReason? {
        let number = calendar.number(of: kind, at: entry.summary.time)
        let isNew = number != period
        period = number
        return isNew || isOldest ? kept(asOldest: !isNew) : nil
    }

    private mutating func kept(asOldest: Bool = false) -> KeepReason {
        keptCount += 1
        return .rule(rule, asOldest: asOldest)
    }
}
