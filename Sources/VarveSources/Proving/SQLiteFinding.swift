import VarveArchive
import VarveFormat
import VarveRepository

/// SQLite databases among the files of a snapshot.
enum SQLiteFinding {
    /// Pages are at least so long, and a database has no part of one.
    private static let pageBytesMin = 512

    /// Their paths, from the root with a slash.
    static func paths(
        in entry: RepositoryState.SnapshotEntry, _ repository: Repository
    ) throws -> [[UInt8]] {
        var tree = try SnapshotTree(repository, entry)
        var reader = try ChunkReader(repository)
        var found: [[UInt8]] = []
        try tree.walk(tree.content(of: nil), path: []) { path, node in
            if try isDatabase(node, &reader) { found.append(path) }
            return true
        }
        return found
    }

    private static func isDatabase(_ node: Node, _ reader: inout ChunkReader) throws -> Bool {
        guard node.kind == .file, node.size > 0, node.size % pageBytesMin == 0 else {
            return false
        }
        var chunks = ContentCursor(node.content ?? .empty)
        guard let first = try chunks.next(&reader) else { return false }
        return try reader.load(first.id) { SQLiteHeader.isOne($0) }
    }
}
