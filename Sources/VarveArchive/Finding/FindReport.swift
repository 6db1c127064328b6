public import VarveFormat

/// What was found.
public struct FindReport: Sendable {
    /// The snapshots that were looked through, the oldest first.
    public var snapshots: [RepositoryState.SnapshotEntry] = []
    /// In the order of their paths, and of each path in the order of time.
    public var versions: [FoundVersion] = []
    /// What could not be looked at.
    public var issues: [Issue] = []
}

/// What some snapshots say of one path, all of them the same.
public struct FoundVersion: Sendable {
    public var path: [UInt8]
    /// Its content says how long it is, and no more.
    public var node: Node
    public var holders: Holders
}

/// The snapshots that hold something, by their places in the order of time.
public struct Holders: Sendable, Equatable {
    public var first: Int
    public var last: Int
    public var count = 1

    init(_ snapshot: Int) { (first, last) = (snapshot, snapshot) }

    /// Adds others, none of which is here already.
    mutating func join(_ others: Holders) {
        first = min(first, others.first)
        last = max(last, others.last)
        count &+= others.count
    }
}
