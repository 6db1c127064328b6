/// Something that happened on the way and that people may want to know.
///
/// Paths are those of `RawText`, which gives back their bytes when they are not UTF-8.
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
    /// A restore dealt with an entry; `bytes` is a regular file's size.
    case restored(path: String, action: RestoreAction, bytes: Int?)
}

/// What a restore did with an entry, or would do.
public enum RestoreAction: String, Sendable {
    case created, changed, unchanged
    /// The overwrite rule left it as it was.
    case left
    case deleted
}

/// Receives events, from any thread.
public typealias ArchiveObserver = @Sendable (ArchiveEvent) -> Void

extension ArchiveEvent {
    static func excluded(_ path: String, _ exclusion: Exclusion) -> ArchiveEvent {
        .excluded(path: path, reason: exclusion.reason, by: exclusion.kind)
    }
}
