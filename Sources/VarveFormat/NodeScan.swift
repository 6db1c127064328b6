/// Goes through the records of one piece of a directory, and decodes only the nodes that are asked for.
///
/// It does not own the bytes: use it only while they are pinned.
public struct NodeScan {
    private var reader: ByteReader
    private let piece: UnsafeRawBufferPointer
    /// The record at hand, its length included.
    private var record = 0..<0
    /// Of the record at hand.
    public private(set) var kind = Node.Kind.file
    public private(set) var name = UnsafeRawBufferPointer(start: nil, count: 0)
    private var owner: (user: [UInt8], group: [UInt8]) = ([], [])

    public init(_ piece: UnsafeRawBufferPointer) throws(FormatError) {
        guard piece.count <= FormatLimit.chunkBytes else {
            throw .invalid("a piece of a directory is too long")
        }
        self.piece = piece
        reader = ByteReader(piece)
    }

    /// Goes to the next record; false at the end.
    public mutating func next() throws(FormatError) -> Bool {
        guard reader.remaining > 0 else { return false }
        let start = reader.position
        let length = try reader.number(atMost: FormatLimit.nodeBytes)
        var fields = ByteReader(try reader.take(length))
        guard let kind = Node.Kind(rawValue: try fields.byte()) else {
            throw .invalid("an entry's type is unknown")
        }
        self.kind = kind
        let previous = name
        name = try fields.take(try fields.count(ofBytes: 1))
        guard previous.lexicographicallyPrecedes(name) else {
            throw .invalid("a directory's names are out of order")
        }
        record = start..<reader.position
        return true
    }

    /// Decodes the record at hand.
    public mutating func node() throws(FormatError) -> Node {
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: piece[record]))
        let node = try Node(&reader, likely: owner)
        owner = (node.user, node.group)
        return node
    }
}
