import VarveFormat
import VarveRepository

/// A directory that somebody looked into: which pieces it consists of.
final class OpenDirectory: Sendable {
    /// One for each piece, in order; a directory that stands in its own node is one without an id.
    let pieces: [Content.Entry]
    let literal: [UInt8]?
    let snapshot: MountedSnapshot
    let inode: InodeNumber
    /// Of the directory above.
    let parent: InodeNumber

    /// Throws `.tooLarge` for more pieces than can be numbered.
    init(
        _ content: Content, of snapshot: MountedSnapshot, _ inode: InodeNumber,
        parent: InodeNumber, _ reader: inout ChunkReader
    ) throws {
        var pieces: [Content.Entry] = []
        var chunks = ContentCursor(content)
        while let entry = try chunks.next(&reader) {
            guard pieces.count < EntryPlace.piecesMax else { throw Refusal.tooLarge }
            pieces.append(entry)
        }
        self.pieces = pieces
        literal = content.literal
        self.snapshot = snapshot
        self.inode = inode
        self.parent = parent
    }

    var pieceCount: Int { literal == nil ? pieces.count : 1 }

    /// The nodes of one piece.
    func nodes(ofPiece number: Int, _ reader: inout ChunkReader) throws -> [Node] {
        if let literal { return try Self.decode(literal.span.bytes) }
        let entry = pieces[number]
        return try reader.load(entry.id) { bytes in
            guard bytes.count == entry.bytes else {
                throw RepositoryError.damaged(
                    "directory chunk \(entry.id)", "it has another length than its list says")
            }
            return try Self.decode(bytes.bytes)
        }
    }

    private static func decode(_ bytes: RawSpan) throws -> [Node] {
        // Whether the names of two pieces are in order is not looked at: each is read alone.
        var previous: [UInt8] = []
        do throws(FormatError) {
            return try bytes.withUnsafeBytes { bytes throws(FormatError) in
                try Directory.nodes(of: bytes, after: &previous)
            }
        } catch {
            throw RepositoryError.damaged("a directory", error.description)
        }
    }
}
