public import VarveFormat

/// What was moved to one destination, or would be.
public struct SyncCounts: Sendable, Equatable {
    /// Frames that were copied as they are sealed, and their stored bytes.
    public var frames = 0
    public var bytesAsSealed = 0
    /// Chunks that were opened and sealed anew, and what that takes; in a dry run what it takes at the
    /// source.
    public var chunksAnew = 0
    public var bytesAnew = 0

    /// Stored bytes in all.
    public var bytes: Int { bytesAsSealed + bytesAnew }
}

/// A snapshot that was not copied, and why.
public struct SkippedSnapshot: Sendable, Equatable {
    public var id: SnapshotID
    public var reason: String
}

/// What became of one destination.
public struct SyncReport: Sendable {
    public var location: String
    /// In the order in which they were committed.
    public var copied: [SnapshotID] = []
    /// Chosen, and there already.
    public var present = 0
    /// Those that rules would remove there at once.
    public var leftOut = 0
    /// Damaged at the source.
    public var skipped: [SkippedSnapshot] = []
    public var counts = SyncCounts()
    /// What rules removed at the destination.
    public var forgotten: [SnapshotID] = []
    /// Why it ended before everything was copied.
    public var failure: (any Error)?
    /// When the newest snapshot there was taken; nanoseconds since 1970.
    public var newest: Int64?

    init(location: String) { self.location = location }

    /// Whether all that was chosen is there.
    public var isComplete: Bool { failure == nil && skipped.isEmpty }
}

/// What happens during a sync.
public enum SyncEvent: Sendable {
    /// The trees of a snapshot are being walked.
    case walking(SnapshotID)
    /// So many stored bytes are about to be read.
    case planned(bytes: Int)
    /// Stored bytes that were read and handed on.
    case read(bytes: Int)
    /// Committed at the destination at this place, or would be.
    case copied(SnapshotID, location: String)
    case skipped(SkippedSnapshot)
}

public typealias SyncObserver = @Sendable (SyncEvent) -> Void
