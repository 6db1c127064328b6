import CSQLite
import VarveSystem

/// What SQLite answered instead of `SQLITE_OK`.
struct SQLiteError: Error, Equatable, CustomStringConvertible {
    /// The extended result code.
    var code: Int32
    /// SQLite's own words.
    var message: String

    /// The kind of error, without what extends it.
    var kind: Int32 { code & 0xff }

    /// Another connection is in the way, and will not be forever.
    var isBusy: Bool { kind == SQLITE_BUSY || kind == SQLITE_LOCKED }

    /// A connection that may write can do what this one could not.
    var wantsWriting: Bool {
        kind == SQLITE_CANTOPEN || code == Self.readOnlyRecovery || code == Self.readOnlyRollback
    }

    private static let readOnlyRecovery = SQLITE_READONLY | 1 << 8
    private static let readOnlyRollback = SQLITE_READONLY | 3 << 8

    var description: String {
        switch kind {
        case SQLITE_NOTADB: "it is no SQLite database, or an encrypted one"
        case SQLITE_CORRUPT: "it is damaged: \(message)"
        case SQLITE_BUSY, SQLITE_LOCKED: "another program has it locked"
        case SQLITE_CANTOPEN: "SQLite cannot open it, or what lies beside it: \(message)"
        case SQLITE_PERM, SQLITE_AUTH: "access to it is refused"
        case SQLITE_READONLY:
            "what a writer has left beside it has to be rolled back or recovered first, which needs "
                + "the right to write"
        default: "SQLite says: \(message) (\(code))"
        }
    }
}
