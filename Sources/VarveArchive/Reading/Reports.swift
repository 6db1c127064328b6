import VarveRepository

/// Something of a snapshot that cannot be had.
public struct Issue: Sendable {
    /// As `RawText` has it.
    public var path: String
    public var reason: String
}

/// What came of a restore.
public struct RestoreReport: Sendable {
    /// Files that were made.
    public var files = 0
    /// Files that were there and became what the snapshot says.
    public var filesChanged = 0
    /// Files that were there, equal, and were not touched.
    public var filesUnchanged = 0
    /// Files that the overwrite rule left as they were.
    public var filesLeft = 0
    /// Entries of any kind that the snapshot does not have and that were removed.
    public var deleted = 0
    /// Directories that were made or used.
    public var directories = 0
    public var others = 0
    /// The sizes of the files that were made, changed or found equal.
    public var bytes = 0
    /// What was fetched from the repository and written.
    public var bytesWritten = 0
    public var issues: [Issue] = []
    /// What was not restored for want of rights, once each, for people.
    public var skipped: [String] = []
    /// Kinds of things that `--delete` did not remove.
    public var kept: [String] = []
    public var durationNanoseconds: Int64 = 0
    /// Whether some issue is damage of the repository.
    public var isDamaged = false
}

/// What came of reading every byte of a snapshot.
public struct VerifyReport: Sendable {
    public var files = 0
    public var directories = 0
    public var bytes = 0
    /// Different chunks.
    public var chunks = 0
    public var issues: [Issue] = []
    public var durationNanoseconds: Int64 = 0
}
