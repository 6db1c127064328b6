import CSQLite
import VarveArchive
import VarveSystem

/// A connection to an SQLite database; of one thread at a time.
///
/// A statement that takes long looks at `Interrupts`, and then throws `ArchiveError.interrupted`.
final class SQLiteConnection: @unchecked Sendable {
    // Unchecked: whoever has it takes care that only one thread uses it at a time.
    private var handle: OpaquePointer?

    enum Access {
        case read, write, create

        fileprivate var flags: Int32 {
            switch self {
            case .read: SQLITE_OPEN_READONLY
            case .write: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        }
    }

    /// Opens the database at an absolute path; little of it is looked at before the first statement.
    ///
    /// Closing does not write the WAL back into the database, unless `keepsWAL` is set to false.
    init(_ path: [UInt8], _ access: Access) throws {
        let text = path.map { CChar(bitPattern: $0) } + [0]
        let flags = access.flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(text, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            let error = failure(code)
            sqlite3_close_v2(handle)
            handle = nil
            throw error
        }
        sqlite3_progress_handler(
            handle, Self.stepsBetweenLooks, { _ in Interrupts.isRequested ? 1 : 0 }, nil)
        try keepWAL(true)
    }

    deinit { close() }

    /// Instructions of SQLite's machine between two looks at `Interrupts`: some milliseconds.
    private static let stepsBetweenLooks: Int32 = 100_000

    /// Gives back every lock; nothing more can be asked.
    func close() {
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// Whether the last connection to close leaves the WAL as it is.
    func keepWAL(_ keeps: Bool) throws {
        try check(varve_sqlite_keep_wal(handle, keeps ? 1 : 0))
    }

    /// How long a statement waits for the locks of others.
    func waitForLocks(milliseconds: Int32) throws {
        try check(sqlite3_busy_timeout(handle, milliseconds))
    }

    /// Compiles one statement.
    func prepare(_ text: String) throws -> SQLiteStatement {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v2(handle, text, -1, &statement, nil))
        return SQLiteStatement(statement, of: self)
    }

    /// Runs one statement to its end.
    func run(_ text: String) throws {
        let statement = try prepare(text)
        while try statement.step() {}
    }

    /// The first column of the first row; nil when there is no row.
    func integer(_ text: String) throws -> Int64? {
        let statement = try prepare(text)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The first column of every row.
    func texts(_ text: String) throws -> [String] {
        let statement = try prepare(text)
        var texts: [String] = []
        while try statement.step() { texts.append(statement.text(0)) }
        return texts
    }

    /// Throws unless SQLite answered that it did what was asked.
    func check(_ code: Int32) throws {
        guard code != SQLITE_OK else { return }
        throw failure(code)
    }

    func failure(_ code: Int32) -> any Error {
        if code & 0xff == SQLITE_INTERRUPT { return ArchiveError.interrupted }
        let text = handle.map { String(cString: sqlite3_errmsg($0)) }
        let message = text ?? String(cString: sqlite3_errstr(code))
        return SQLiteError(code: code, message: message)
    }
}
