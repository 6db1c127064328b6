public import VarveFormat

extension ChunkReader {
    /// The node of this name in a directory; nil when there is none.
    ///
    /// Of the others nothing but the name is looked at.
    public mutating func node(_ name: [UInt8], in directory: Content) throws -> Node? {
        if let literal = directory.literal {
            return try literal.withUnsafeBytes { try Self.look(for: name, in: $0, "a directory") }
                .node
        }
        var pieces = ContentCursor(directory)
        while let piece = try pieces.next(&self) {
            let found = try load(piece.id) { bytes in
                guard bytes.count == piece.bytes else { throw Self.wrongLength(piece.id) }
                return try Self.look(for: name, in: bytes, "directory chunk \(piece.id)")
            }
            if found.isPast { return found.node }
        }
        return nil
    }

    /// The node, and whether none of this name follows.
    private static func look(
        for name: [UInt8], in piece: UnsafeRawBufferPointer, _ object: String
    ) throws -> (node: Node?, isPast: Bool) {
        do throws(FormatError) {
            var scan = try NodeScan(piece)
            while try scan.next() {
                if scan.name.lexicographicallyPrecedes(name) { continue }
                return (scan.name.elementsEqual(name) ? try scan.node() : nil, true)
            }
            return (nil, false)
        } catch {
            throw RepositoryError.damaged(object, error.description)
        }
    }
}
