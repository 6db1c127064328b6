public import VarveFormat
public import VarveRepository

/// What a repair tells while it goes on.
public enum RepairEvent: Sendable {
    /// Damage that the repair is about.
    case found(CheckFinding)
    /// So many stored bytes are about to be read.
    case reading(bytes: Int)
    case read(bytes: Int)
}

public typealias RepairObserver = @Sendable (RepairEvent) -> Void

/// What `repair index` did, or would do.
public struct IndexRepairReport: Sendable, Equatable {
    /// Segments that could not be read, or were missing.
    public var segmentsDamaged = 0
    /// Packs that no segment named.
    public var packsUnnamed = 0
    /// Of these, those that are named again: snapshots need them.
    public var packsNamed = 0
    /// Those of which what can be read is written into new packs: their tables of contents are damaged,
    /// or their writers may still take them back.
    public var packsCopied = 0
    /// Chunks that snapshots need, that are nowhere, and were not known to be lost.
    public var chunksLost = 0
    /// Manifests, lists and directories that could not be read: what they need is not known.
    public var unread = 0

    public var isNothing: Bool {
        segmentsDamaged == 0 && packsNamed == 0 && packsCopied == 0 && chunksLost == 0
    }
}

/// What `repair packs` did, or would do.
public struct PacksRepairReport: Sendable, Equatable {
    public var packsRead = 0
    public var bytesRead = 0
    /// Packs that are damaged or missing, and were not condemned before.
    public var packsDamaged = 0
    /// Of these so many stay as they are: what could be read of them once could not be read again.
    public var packsLeft = 0
    /// Copies that cannot be read, and were not known to be lost.
    public var copiesLost = 0
    /// Stored bytes of what was written anew.
    public var bytesWritten = 0
    /// Chunks that another repository had.
    public var chunksFetched = 0
    /// Chunks that snapshots need, and that are nowhere.
    public var chunksMissing = 0

    public var isNothing: Bool {
        packsDamaged == 0 && copiesLost == 0 && chunksFetched == 0 && bytesWritten == 0
    }
}

/// What `repair snapshots` did, or would do.
public struct SnapshotsRepairReport: Sendable, Equatable {
    /// Snapshots that are said to be damaged from now on, or damaged otherwise than before.
    public var marked: [SnapshotID: String] = [:]
    /// Those that were, and are whole again.
    public var cleared: [SnapshotID] = []
    /// Those whose manifest could not be read, and was made anew of another one of the same snapshot.
    public var replaced: [SnapshotID] = []
    /// All that cannot be restored whole.
    public var damaged = 0
    public var snapshots = 0

    public var isNothing: Bool { marked.isEmpty && cleared.isEmpty && replaced.isEmpty }
}
