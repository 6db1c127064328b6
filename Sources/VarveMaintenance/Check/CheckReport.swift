public import VarveFormat
public import VarveRepository

/// What a check tells while it goes on.
public enum CheckEvent: Sendable {
    case found(CheckFinding)
    /// Packs are about to be read, so many stored bytes.
    case reading(packs: Int, bytes: Int)
    case read(bytes: Int)
    case hit(SnapshotID, DamagedPart)
}

public typealias CheckObserver = @Sendable (CheckEvent) -> Void

/// What of a snapshot cannot be restored.
public enum DamagedPart: Sendable, Hashable {
    /// Its manifest, and so all of it.
    case everything
    case file([UInt8])
    /// A directory that cannot be listed to its end.
    case directory([UInt8])
    /// Only the next snapshot misses it: it reads everything anew.
    case statList
}

/// What a check came to.
public struct CheckReport: Sendable {
    public var findings: [CheckFinding] = []
    /// How much was looked at.
    public var snapshots = 0
    public var packs = 0
    public var packsRead = 0
    public var bytesRead = 0
    /// How many parts of each snapshot cannot be restored; those of which all can are not in it.
    public var hits: [SnapshotID: Int] = [:]

    public var damages: Int { findings.count { $0.weight == .damage } }
    public var warnings: Int { findings.count - damages }
    public var isDamaged: Bool { damages > 0 }
}
