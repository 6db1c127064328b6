public import VarveFormat
public import VarveRepository
import VarveSystem

/// What became of one path, snapshot by snapshot.
public struct PathHistory: Sendable {
    /// How a version differs from what was there before it.
    public enum Change: String, Sendable {
        case created, changed, metadata, type, gone, back
    }

    /// What the path held from one snapshot on.
    public struct Version: Sendable {
        /// The first snapshot of a row that have it.
        public var snapshot: RepositoryState.SnapshotEntry
        /// The last of them, and how many they are.
        public var last: RepositoryState.SnapshotEntry
        public var count = 1
        public var change: Change
        /// Nil when it was gone.
        public var node: Node?
        /// What was there before, also before it was gone.
        public var before: Node?
        /// Plain bytes of the chunks that only this version, or only the one before, has.
        public var bytesAdded = 0
        public var bytesRemoved = 0
    }

    /// The versions on each host, the oldest first.
    public var hosts: [(host: String, versions: [Version])] = []
    /// What could not be looked at.
    public var issues: [Issue] = []
}

/// Goes through what snapshots, in any order, have at `path` (components without slashes).
public func history(
    of path: [[UInt8]], in entries: [RepositoryState.SnapshotEntry], of repository: Repository
) throws -> PathHistory {
    let entries = SnapshotReference.oldestFirst(entries)
    var walk = try HistoryWalk(path, repository)
    try repository.readManifests(entries) { index, manifest in
        if Interrupts.isRequested { throw ArchiveError.interrupted }
        try walk.look(entries[index], manifest)
    }
    return try walk.finish(hosts: entries.map(\.summary.host))
}

private struct HistoryWalk: ~Copyable {
    private let path: [[UInt8]]
    private var lookup: PathLookup
    private var issues: [Issue] = []
    /// What each snapshot has, by host.
    private var seen: [ExactText: [Sight]] = [:]

    private struct Sight {
        var entry: RepositoryState.SnapshotEntry
        /// Nil when the snapshot looked where the path leads, and does not have it.
        var node: Node?
        /// Whether a source of the snapshot lies above the path.
        var isBelowSource: Bool
    }

    init(_ path: [[UInt8]], _ repository: Repository) throws {
        self.path = path
        lookup = try PathLookup(path, repository)
    }

    mutating func look(
        _ entry: RepositoryState.SnapshotEntry,
        _ manifest: Result<SnapshotManifest, RepositoryError>
    ) throws {
        do {
            let manifest = try manifest.get()
            let node: Node?
            switch try lookup.look(in: manifest.root) {
            case .node(let found): node = found
            case .absent: node = nil
            case .unknown: return
            }
            seen[ExactText(entry.summary.host), default: []].append(
                Sight(entry: entry, node: node, isBelowSource: isBelow(manifest.sources)))
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            issues.append(
                Issue(path: "snapshot \(entry.id.hex.prefix(8))", reason: error.description))
        }
    }

    private func isBelow(_ sources: [SnapshotManifest.Source]) -> Bool {
        sources.contains { source in
            let names = source.name.split(separator: UInt8(ascii: "/")).map(Array.init)
            return source.kind == .path && path.starts(with: names)
        }
    }

    mutating func finish(hosts: [String]) throws -> PathHistory {
        var history = PathHistory()
        for host in hosts {
            guard let sights = seen.removeValue(forKey: ExactText(host)) else { continue }
            let versions = try versions(sights)
            if !versions.isEmpty { history.hosts.append((host, versions)) }
        }
        history.issues = issues
        return history
    }

    private mutating func versions(_ sights: [Sight]) throws -> [PathHistory.Version] {
        // A snapshot of other sources says nothing by not having it.
        let holders = sights.filter { $0.node != nil }
        let sources = Set(holders.flatMap(\.entry.summary.sources.exact))
        var versions: [PathHistory.Version] = []
        for sight in sights {
            let counts =
                sight.node != nil || sight.isBelowSource
                || !sources.isDisjoint(with: sight.entry.summary.sources.exact)
            if counts { try add(sight, to: &versions) }
        }
        return versions
    }

    private mutating func add(
        _ sight: Sight, to versions: inout [PathHistory.Version]
    ) throws {
        guard let last = versions.last else {
            guard let node = sight.node else { return }
            versions.append(
                PathHistory.Version(
                    snapshot: sight.entry, last: sight.entry, change: .created, node: node))
            return
        }
        guard let change = Self.change(last, sight.node) else {
            versions[versions.count - 1].last = sight.entry
            versions[versions.count - 1].count += 1
            return
        }
        let before = last.node ?? last.before
        var version = PathHistory.Version(
            snapshot: sight.entry, last: sight.entry, change: change, node: sight.node,
            before: before)
        if let before, let node = sight.node, before.kind == .file, node.kind == .file {
            let difference = try lookup.difference(before, node)
            version.bytesAdded = difference.bytesAdded
            version.bytesRemoved = difference.bytesRemoved
        }
        versions.append(version)
    }

    /// Nil when it is the same version.
    private static func change(
        _ last: PathHistory.Version, _ node: Node?
    ) -> PathHistory.Change? {
        guard let node else { return last.node == nil ? nil : .gone }
        guard let before = last.node else { return .back }
        if before.kind != node.kind { return .type }
        if !before.hasContent(of: node) { return .changed }
        return before.hasMetadata(of: node) ? nil : .metadata
    }
}
