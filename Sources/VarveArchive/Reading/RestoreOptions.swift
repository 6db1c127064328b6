import VarveSystem

/// What becomes of an entry that is there already.
public enum OverwriteRule: String, Sendable, CaseIterable {
    /// It becomes what the snapshot says; bytes are compared, and only what differs is written.
    case always
    /// The same, but a file of equal size and modification time is taken to be equal.
    case ifChanged = "if-changed"
    /// Only a later entry replaces it.
    case ifNewer = "if-newer"
    case never
}

/// Who owns everything that is restored.
public struct RestoredOwner: Sendable, Equatable {
    /// Nil leaves it to the snapshot.
    public var uid: UInt32?
    public var gid: UInt32?

    public init(uid: UInt32?, gid: UInt32?) {
        self.uid = uid
        self.gid = gid
    }
}

/// What is restored, and where to.
public struct RestoreOptions: Sendable {
    /// The directory that receives what is restored; made when it is missing.
    public var target: String
    /// The path in the snapshot; empty for everything. A directory's content goes into the target.
    public var path: [[UInt8]]
    /// Takes owners by their numbers, not by their names.
    public var numericIDs = false
    /// Owners other than the snapshot's.
    public var owner: RestoredOwner?
    public var overwrite = OverwriteRule.always
    /// Removes what the snapshot does not have, below its sources' paths.
    public var deletes = false
    /// What is never removed: the repository, and what this machine keeps of it.
    public var ownPaths: [String] = []
    /// Whether to stop removing.
    var isInterrupted: @Sendable () -> Bool = { Interrupts.isRequested }
    /// By absolute paths in the snapshot; without any, everything is included.
    public var includes = ExcludeRules()
    public var excludes = ExcludeRules()
    /// Makes holes of zeros in new files.
    public var sparse = false
    /// Reads everything back at the end.
    public var verifies = false
    /// Ends only when everything is on the disk.
    public var syncs = false
    /// Changes nothing, and says what would be.
    public var dryRun = false
    /// Others than the usual ones let a test see many windows.
    var window = RestoreLimits.Window()

    public init(target: String, path: [[UInt8]]) {
        self.target = target
        self.path = path
    }
}
