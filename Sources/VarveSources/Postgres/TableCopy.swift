import VarveArchive

/// The rows of one table, as `COPY` writes them.
final class TableCopy: ContentInput {
    private let connection: PostgresConnection
    private let finish: (_ rows: Int, _ bytes: Int) throws -> Void
    private var rest = ByteLine()
    private var rows = 0
    private var bytes = 0
    private var isEnded = false

    /// `finish` is told how many rows and bytes there were, once the server has said the same.
    init(
        _ table: PostgresTable, _ encoding: String, _ connection: PostgresConnection,
        finish: @escaping (_ rows: Int, _ bytes: Int) throws -> Void
    ) throws {
        self.connection = connection
        self.finish = finish
        try connection.beginCopyOut(table.copyStatement(encoding))
    }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = rest.isEmpty ? 0 : rest.take(into: room)
        while filled < room.count, !isEnded {
            let copied = try connection.nextRow { row in
                let count = min(row.count, room.count - filled)
                UnsafeMutableRawBufferPointer(rebasing: room[filled...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: row[..<count]))
                if count < row.count { rest.append(row[count...]) }
                filled += count
                bytes += row.count
            }
            switch copied {
            case .row: rows += 1
            case .end(let counted): try end(counted)
            }
        }
        return filled
    }

    private func end(_ counted: Int) throws {
        isEnded = true
        guard counted == rows else {
            throw SourceError("of \(counted) rows only \(rows) have arrived")
        }
        try finish(rows, bytes)
    }
}
