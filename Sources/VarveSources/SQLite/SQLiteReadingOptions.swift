/// How SQLite databases are read.
public struct SQLiteReadingOptions: Sendable {
    /// How long locks of other programs are waited for, in milliseconds.
    public var patienceMilliseconds: Int64 = 30_000
    /// Whether SQLite checks the whole database in the transaction that is stored.
    public var isVerified = false

    /// Runs when a transaction has begun that may be one to read, for tests.
    var whenBegun: @Sendable () throws -> Void = {}

    public init() {}
}
