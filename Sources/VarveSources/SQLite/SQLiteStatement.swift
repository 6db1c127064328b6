import CSQLite

/// A compiled statement of a connection.
final class SQLiteStatement {
    private let statement: OpaquePointer?
    private let connection: SQLiteConnection

    /// Takes over what was compiled; nil for a text without a statement.
    init(_ statement: OpaquePointer?, of connection: SQLiteConnection) {
        self.statement = statement
        self.connection = connection
    }

    deinit { sqlite3_finalize(statement) }

    /// Goes on to the next row; false at the end.
    func step() throws -> Bool {
        guard statement != nil else { return false }
        let code = sqlite3_step(statement)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw connection.failure(code)
        }
    }

    /// Sets the parameter `?NNN`, counted from 1.
    func bind(_ text: String, at index: Int32) throws {
        // SQLITE_TRANSIENT: SQLite makes a copy of its own.
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        try connection.check(sqlite3_bind_text(statement, index, text, -1, copies))
    }

    var columns: Int32 { sqlite3_column_count(statement) }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    /// A column as a number; 0 for what is none.
    func number(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

    /// A column as text; empty for NULL.
    func text(_ column: Int32) -> String {
        sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
    }
}
