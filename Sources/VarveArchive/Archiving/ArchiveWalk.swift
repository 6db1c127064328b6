import VarveFormat
import VarveRepository

/// Walks all that is below a directory, each directory before what is in it, in the order of names.
///
/// It takes memory for the directories above an entry, and one path, however deep that lies.
struct ArchiveWalk: ~Copyable {
    private struct Level {
        var cursor: DirectoryCursor
        /// Bytes of the path of this directory, with a slash at the end.
        var pathBytes: Int
    }

    private var levels: [Level]
    /// Where the last entry lies below the directory, without a slash in front.
    private(set) var path: [UInt8] = []
    var reader: ChunkReader

    init(_ content: Content, _ repository: Repository) throws {
        let reader = try ChunkReader(repository)
        levels = [Level(cursor: DirectoryCursor(content), pathBytes: 0)]
        self.reader = reader
    }

    /// The next entry, with `path` set to where it lies; nil at the end.
    mutating func next() throws -> Node? {
        while let last = levels.indices.last {
            path.removeLast(path.count - levels[last].pathBytes)
            guard let node = try levels[last].cursor.next(&reader) else {
                levels.removeLast()
                continue
            }
            path += node.name
            guard node.kind == .directory else { return node }
            path.append(UInt8(ascii: "/"))
            levels.append(
                Level(cursor: DirectoryCursor(node.content ?? .empty), pathBytes: path.count))
            return node
        }
        return nil
    }
}
