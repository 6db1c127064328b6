public import VarveFormat

/// Walks the nodes of one directory in order of their names, a piece at a time.
public struct DirectoryCursor: Sendable {
    private var chunks: ContentCursor
    /// The piece that comes next, when it was asked for.
    private var ahead: Content.Entry?
    /// The whole directory, when it stands in its node, until it is decoded.
    private var literal: [UInt8]?
    private var nodes: [Node] = []
    private var position = 0
    private var previous: [UInt8] = []

    public init(_ content: Content) {
        chunks = ContentCursor(content)
        literal = content.literal
    }

    /// The next node, or nil at the end.
    public mutating func next(_ reader: inout ChunkReader) throws -> Node? {
        if let bytes = literal.take() { try decode(bytes) }
        while position == nodes.count {
            guard let entry = try pieceAhead(&reader) else { return nil }
            ahead = nil
            try load(entry, &reader)
        }
        position += 1
        return nodes[position - 1]
    }

    /// Whether all nodes of the pieces before the next one were taken.
    public var isBetweenPieces: Bool { literal == nil && position == nodes.count }

    /// The chunk of the next piece, or nil when there is none.
    public mutating func pieceAhead(_ reader: inout ChunkReader) throws -> Content.Entry? {
        if ahead == nil { ahead = try chunks.next(&reader) }
        return ahead
    }

    /// Goes past the piece that `pieceAhead` answered, without reading it.
    public mutating func skipPiece() { ahead = nil }

    private mutating func decode(_ bytes: [UInt8]) throws {
        do throws(FormatError) {
            nodes = try bytes.span.withUnsafeBytes { bytes throws(FormatError) in
                try Directory.nodes(of: bytes, after: &previous)
            }
        } catch {
            throw RepositoryError.damaged("a directory", error.description)
        }
    }

    private mutating func load(_ entry: Content.Entry, _ reader: inout ChunkReader) throws {
        (nodes, previous) = try reader.load(entry.id) { [previous] bytes in
            guard bytes.count == entry.bytes else { throw ChunkReader.wrongLength(entry.id) }
            var last = previous
            do throws(FormatError) {
                return (try Directory.nodes(of: bytes, after: &last), last)
            } catch {
                throw RepositoryError.damaged("directory chunk \(entry.id)", error.description)
            }
        }
        position = 0
    }
}

extension ChunkReader {
    /// All nodes of a directory.
    public mutating func nodes(of content: Content) throws -> [Node] {
        var cursor = DirectoryCursor(content)
        var nodes: [Node] = []
        while let node = try cursor.next(&self) { nodes.append(node) }
        return nodes
    }
}
