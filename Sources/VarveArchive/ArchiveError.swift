/// Why nothing was taken or given back at all.
public enum ArchiveError: Error, Sendable, Equatable {
    case noSources
    /// All that was asked for is left out, by patterns or as Varve's own.
    case everySourceExcluded
    case missingSource(path: String)
    case unreadableSource(path: String, reason: String)
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
        case .streamFailed(let reason): reason
        case .target(let path, let reason): "\(path) cannot be written: \(reason)"
        case .interrupted: "interrupted"
        }
    }
}
