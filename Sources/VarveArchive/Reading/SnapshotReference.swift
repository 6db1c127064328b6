public import VarveFormat

/// What a person writes to name a snapshot, and a path in it: `latest`, `latest~2`, an id prefix or
/// `@TIME`, each with an optional `:PATH`.
public struct SnapshotReference: Sendable, Equatable {
    public enum Choice: Sendable, Equatable {
        /// The newest but `back`.
        case latest(back: Int)
        case prefix(String)
        /// The newest at or before a moment, in nanoseconds since 1970.
        case time(Int64)
    }

    /// Narrows what `latest` and `@TIME` mean; empty narrows nothing.
    public struct Filter: Sendable, Equatable {
        public var hosts: [String] = []
        /// Any of these; a tag with commas asks for all its parts.
        public var tags: [String] = []
        public var sources: [String] = []

        public init() {}

        public func admits(_ entry: RepositoryState.SnapshotEntry) -> Bool {
            let summary = entry.summary
            let hasTags = { (tag: String) in
                Set(tag.split(separator: ",").map { ExactText(String($0)) })
                    .isSubset(of: summary.tags.exact)
            }
            return (hosts.isEmpty || hosts.exact.contains(ExactText(summary.host)))
                && (sources.isEmpty || !Set(sources.exact).isDisjoint(with: summary.sources.exact))
                && (tags.isEmpty || tags.contains(where: hasTags))
        }
    }

    public var choice: Choice
    /// The path inside, without a slash in front; empty for the whole snapshot.
    public var path: String

    public init(choice: Choice, path: String = "") {
        self.choice = choice
        self.path = path
    }

    /// Nil when the text is no reference. `time` reads what follows the `@`.
    public init?(_ text: String, time: (String) -> Int64?) {
        if text.hasPrefix("@") {
            let rest = text.dropFirst()
            let split = rest.firstRange(of: ":/")
            guard let moment = time(String(rest[..<(split?.lowerBound ?? rest.endIndex)])) else {
                return nil
            }
            choice = .time(moment)
            path = split.map { Self.trimmed(rest[$0.upperBound...]) } ?? ""
            return
        }
        let colon = text.firstIndex(of: ":")
        let name = text[..<(colon ?? text.endIndex)]
        path = colon.map { Self.trimmed(text[text.index(after: $0)...]) } ?? ""
        if name == "latest" {
            choice = .latest(back: 0)
        } else if name.hasPrefix("latest~") {
            guard let back = Int(name.dropFirst(7)), back >= 0 else { return nil }
            choice = .latest(back: back)
        } else {
            let digits = Set("0123456789abcdef")
            guard (1...64).contains(name.count), name.allSatisfy(digits.contains) else {
                return nil
            }
            choice = .prefix(String(name))
        }
    }

    private static func trimmed(_ path: Substring) -> String {
        path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    public enum Failure: Error, Sendable, Equatable {
        case none
        /// Ids that start alike.
        case ambiguous([SnapshotID])
    }

    /// The snapshot that is meant among `snapshots`, in any order.
    public func resolve(
        _ snapshots: [RepositoryState.SnapshotEntry], _ filter: Filter = Filter()
    ) throws(Failure) -> RepositoryState.SnapshotEntry {
        switch choice {
        case .prefix(let prefix):
            let found = snapshots.filter { $0.id.hex.hasPrefix(prefix) }
            guard found.count <= 1 else { throw .ambiguous(found.map(\.id)) }
            guard let first = found.first else { throw .none }
            return first
        case .latest(let back):
            let sorted = Self.oldestFirst(snapshots.filter(filter.admits))
            guard back < sorted.count else { throw .none }
            return sorted[sorted.count - 1 - back]
        case .time(let moment):
            let sorted = Self.oldestFirst(snapshots.filter(filter.admits))
            guard let last = sorted.last(where: { $0.summary.time <= moment }) else { throw .none }
            return last
        }
    }

    /// In the order of a listing: by time, and by commit when two have the same.
    public static func oldestFirst(
        _ snapshots: [RepositoryState.SnapshotEntry]
    ) -> [RepositoryState.SnapshotEntry] {
        snapshots.sorted { $0.isOlder(than: $1) }
    }
}
