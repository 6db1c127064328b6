import VarveRepository

/// Something of a snapshot that cannot be had.
public struct Issue: Sendable {
    public var path: String
    public var reason: String
}

/// What came of a restore.
public struct RestoreReport: Sendable {
    public var files = 0
    public var directories = 0
    public var others = 0
    public var bytes = 0
    public var issues: [Issue] = []
    /// What was not restored for want of rights, once each, for people.
    public var skipped: [String] = []
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
