import VarveFormat

/// In what two trees differ.
public struct ComparisonReport: Sendable {
    /// In the order of their paths.
    public var changes: [TreeChange] = []
    public var files = ChangeCounts()
    public var directories = ChangeCounts()
    /// Links, devices and the like.
    public var others = ChangeCounts()
    /// Plain bytes of the chunks that only one side has, and how many these are.
    public var bytesAdded = 0
    public var bytesRemoved = 0
    public var chunksAdded = 0
    public var chunksRemoved = 0
    /// What the chunks that only the new side has take in the repository; nil when it is not known.
    public var bytesStored: Int?
    /// Whether there were so many chunks that some may be counted twice.
    public var isUpperBound = false
    /// What could not be looked at.
    public var issues: [Issue] = []
    /// Whether some of these are files of this machine.
    public var isIncomplete = false

    /// Puts the changes in order, and counts them.
    mutating func finish(_ found: [TreeChange]) {
        changes = found.sorted { TreePath.areInOrder($0.path, $1.path) }
        for change in changes {
            switch change.node?.kind {
            case .file: files.count(change.kind)
            case .directory: directories.count(change.kind)
            default: others.count(change.kind)
            }
        }
    }
}
