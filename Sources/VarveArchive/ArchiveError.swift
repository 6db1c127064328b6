/// Why nothing was taken or given back at all.
public enum ArchiveError: Error, Sendable, Equatable {
    case noSources
    /// All that was asked for is left out, by patterns or as Varve's own.
    case everySourceExcluded
    case missingSource(path: String)
    case unreadableSource(path: String, reason: String)
    /// A source that is no path failed, and no other is left.
    case failedSource(name: String, reason: String)
    /// Two sources would lie at the same place in the snapshot.
    case placeTaken(String, by: String)
    /// The stream ended in a way that does not vouch for what came before.
    case streamFailed(reason: String)
    /// The target of a restore cannot be written.
    case target(path: String, reason: String)
    case interrupted
}

extension ArchiveError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noSources: "there is nothing to take a snapshot of"
        case .everySourceExcluded: "every source is left out; no snapshot was taken"
        case .missingSource(let path): "\(path) does not exist"
        case .unreadableSource(let path, let reason): "\(path) cannot be read: \(reason)"
        case .failedSource(let name, let reason): "\(name): \(reason)"
        case .placeTaken(let place, let name):
            "\(name) would lie at \(place) in the snapshot, where another source lies; take two snapshots"
        case .streamFailed(let reason): reason
        case .target(let path, let reason): "\(path) cannot be written: \(reason)"
        case .interrupted: "interrupted"
        }
    }
}
