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

    var identifier: String { SQLText.identifier(schema, name) }
    var file: String { ObjectFileName.table(schema, name) }

    /// As the list that follows a table's name in `COPY`.
    var columnList: String {
        columns.isEmpty ? "" : " (" + columns.map(SQLText.identifier).joined(separator: ", ") + ")"
    }

    /// The statement that writes its rows.
    var copyStatement: String {
        guard let condition else { return "COPY \(identifier)\(columnList) TO STDOUT" }
        let columns = columns.map(SQLText.identifier).joined(separator: ", ")
        return "COPY (SELECT \(columns) FROM ONLY \(identifier) \(condition)) TO STDOUT"
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
