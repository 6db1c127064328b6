/// A table with rows to dump.
struct PostgresTable: Sendable, Equatable {
    var schema: String
    var name: String
    /// Those that are copied, in order: all but generated ones.
    var columns: [String]
    /// About how many bytes it takes.
    var bytes: Int
    /// Of an extension's configuration: which rows are kept, as a `WHERE` clause or nothing.
    var condition: String?

    /// The partitioned table through which its rows have to come back, since they may belong to another partition there.
    var root: PostgresManifest.Root?

    var identifier: String { SQLText.identifier(schema, name) }
    var file: String { ObjectFileName.table(schema, name) }

    /// As the list that follows a table's name in `COPY`.
    var columnList: String {
        columns.isEmpty ? "" : " (" + columns.map(SQLText.identifier).joined(separator: ", ") + ")"
    }

    /// The statement that writes its rows.
    func copyStatement(_ encoding: String) -> String {
        let options = CopyOptions(encoding: encoding).text
        guard let condition else { return "COPY \(identifier)\(columnList) TO STDOUT\(options)" }
        let columns = columns.map(SQLText.identifier).joined(separator: ", ")
        return "COPY (SELECT \(columns) FROM ONLY \(identifier) \(condition)) TO STDOUT\(options)"
    }
}

/// What stands behind a `COPY`.
struct CopyOptions {
    /// Of the rows; a session has UTF8, or none.
    var encoding: String
    /// Rows that are older than every transaction need no visit later on.
    var isFrozen = false

    var text: String {
        let isUsual = encoding == "UTF8" || encoding == PostgresSession.asciiEncoding
        let options =
            (isFrozen ? ["FREEZE"] : [])
            + (isUsual ? [] : ["ENCODING \(SQLText.literal(encoding))"])
        return options.isEmpty ? "" : " WITH (\(options.joined(separator: ", ")))"
    }
}

/// A sequence and where it stands.
struct PostgresSequence: Sendable, Equatable {
    var schema: String
    var name: String
    var value: Int
    /// Whether the value was given out; otherwise it comes next.
    var isCalled: Bool

    /// The statement that puts it there.
    var statement: String {
        let name = SQLText.literal(SQLText.identifier(schema, name))
        return "SELECT pg_catalog.setval(\(name), \(value), \(isCalled));"
    }
}
