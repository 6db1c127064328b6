/// One reason for which snapshots stay; several are joined by "or".
public enum RetentionRule: Sendable, Hashable {
    public enum Count: Sendable, Hashable {
        case unlimited
        /// Above 0.
        case limited(Int)
    }

    /// The newest ones.
    case last(Count)
    /// The newest of each period, for as many periods as have a snapshot.
    case newest(RetentionCalendar.Period, Count)
    /// What is at most so much older than the newest of the group.
    case within(RetentionAge)
    /// The newest of each period within an age.
    case newestWithin(RetentionCalendar.Period, RetentionAge)
    /// What has all of these tags.
    case tags([String])
}

/// At least one rule, so that a policy by which nothing would stay cannot be written.
public struct RetentionPolicy: Sendable, Equatable {
    public let rules: [RetentionRule]

    /// Nil without any rule.
    public init?(_ rules: [RetentionRule]) {
        guard !rules.isEmpty else { return nil }
        self.rules = rules
    }
}

/// Why a snapshot stays.
public enum KeepReason: Sendable, Hashable {
    /// A rule; `asOldest` when its count was not used up and nothing older is there.
    case rule(RetentionRule, asOldest: Bool)
    case pinned
    case newestCommit
}

extension KeepReason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .rule(let rule, let asOldest): (asOldest ? "oldest " : "") + rule.reason
        case .pinned: "pinned"
        case .newestCommit: "newest commit"
        }
    }
}

extension RetentionRule {
    fileprivate var reason: String {
        switch self {
        case .last: "last snapshot"
        case .newest(let period, _): "\(period.rawValue) snapshot"
        case .within(let age): "within \(age)"
        case .newestWithin(let period, let age): "\(period.rawValue) within \(age)"
        case .tags(let tags): "tag \(tags.joined(separator: ","))"
        }
    }
}
