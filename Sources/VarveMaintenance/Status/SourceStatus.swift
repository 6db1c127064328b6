public import VarveFormat

/// How the snapshots of one host and its sources stand.
public struct SourceStatus: Sendable, Equatable {
    public var host: String
    /// In order.
    public var sources: [String]
    public var snapshots: Int
    /// The newest one.
    public var last: RepositoryState.SnapshotEntry
    /// When that was, in nanoseconds since 1970.
    public var time: Int64
    /// When the newest one was that lacks nothing; nil when each lacks something.
    public var wholeTime: Int64?
    /// Snapshots that are known to be damaged.
    public var damaged: Int
    /// The median size of those before it, in bytes; nil when they are too few.
    public var usualBytes: Int?

    /// So many complete snapshots before the newest one say what is usual, and so few do not.
    private static let earlierMax = 10
    private static let earlierMin = 3

    /// `times` says when each of `entries`, which are not empty, was taken.
    init(
        _ group: RetentionGroup, _ entries: [RepositoryState.SnapshotEntry],
        time: (RepositoryState.SnapshotEntry) -> Int64
    ) {
        let ordered = entries.map { (entry: $0, time: time($0)) }.sorted {
            ($0.time, $0.entry.recordNumber) > ($1.time, $1.entry.recordNumber)
        }
        host = group.host?.text ?? ""
        sources = group.sources?.map(\.text) ?? []
        snapshots = entries.count
        (last, self.time) = ordered[0]
        wholeTime = ordered.first { !$0.entry.summary.isIncomplete }?.time
        damaged = entries.count { !$0.damage.isEmpty }
        let earlier = ordered.dropFirst().lazy.map(\.entry.summary)
            .filter { !$0.isIncomplete }.prefix(Self.earlierMax).map(\.bytes).sorted()
        usualBytes = earlier.count < Self.earlierMin ? nil : earlier[earlier.count / 2]
    }

    /// Whether the newest one has less than half of the usual size, or more than twice as much.
    public var isOffTrend: Bool {
        guard let usual = usualBytes else { return false }
        let bytes = last.summary.bytes
        return bytes < usual - bytes || bytes - usual > usual
    }

    /// Nanoseconds from the newest snapshot to `now`.
    public func age(at now: Int64) -> Int64 { Self.age(of: time, at: now) }

    /// The same from the newest snapshot that lacks nothing.
    public func wholeAge(at now: Int64) -> Int64? { wholeTime.map { Self.age(of: $0, at: now) } }

    private static func age(of time: Int64, at now: Int64) -> Int64 {
        guard now > time else { return 0 }
        let (age, overflow) = now.subtractingReportingOverflow(time)
        return overflow ? .max : age
    }
}
