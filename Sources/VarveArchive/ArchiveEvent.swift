/// Something that happened on the way and that people may want to know.
public enum ArchiveEvent: Sendable {
    public enum Change: String, Sendable { case new, changed, unmodified }

    /// Something could not be read, or written back; the rest goes on.
    case failed(path: String, reason: String)
    /// Something is odd, but nothing is lost.
    case noted(path: String, reason: String)
    /// A file was taken into the snapshot, or written back; of its bytes those that are no hole.
    case file(path: String, change: Change, bytes: Int)
    /// Something was left out, and why.
    case excluded(path: String, reason: String, by: Exclusion.Kind)
}

/// Receives events, from any thread.
public typealias ArchiveObserver = @Sendable (ArchiveEvent) -> Void

extension ArchiveEvent {
    static func excluded(_ path: String, _ exclusion: Exclusion) -> ArchiveEvent {
        .excluded(path: path, reason: exclusion.reason, by: exclusion.kind)
    }
}
