/// Turns a directory's nodes into the pieces that are stored as chunks, and back.
public enum Directory {
    private static let pieceBytesMin = 16 << 10
    private static let pieceBytesMax = 256 << 10
    private static let cutMask: UInt64 = 255
    /// A directory of at most so many bytes stands in its own node, in the directory above.
    public static let literalBytesMax = 1 << 10

    /// The records of `nodes`, which must be in ascending order of their names, in pieces.
    public static func pieces(of nodes: [Node]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var writer = ByteWriter()
        for node in nodes {
            node.encode(into: &writer)
            let size = writer.bytes.count
            let wanted = size >= pieceBytesMin && hash(node.name) & cutMask == 0
            guard wanted || size >= pieceBytesMax else { continue }
            pieces.append(writer.bytes)
            writer = ByteWriter()
        }
        if !writer.bytes.isEmpty { pieces.append(writer.bytes) }
        return pieces
    }

    /// Decodes the nodes of one piece that follow `previous`, the name before them.
    public static func nodes(
        of piece: UnsafeRawBufferPointer, after previous: inout [UInt8]
    ) throws(FormatError) -> [Node] {
        guard piece.count <= FormatLimit.chunkBytes else {
            throw .invalid("a piece of a directory is too long")
        }
        var reader = ByteReader(piece)
        var nodes: [Node] = []
        while reader.remaining > 0 {
            let node = try Node(&reader)
            guard previous.lexicographicallyPrecedes(node.name) else {
                throw .invalid("a directory's names are out of order")
            }
            previous = node.name
            nodes.append(node)
        }
        return nodes
    }

    /// 64-bit FNV-1a (Fowler, Noll, Vo).
    private static func hash(_ name: [UInt8]) -> UInt64 {
        name.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

/// What change detection compares: one entry of the stat list.
public struct StatRecord: Sendable, Equatable {
    public static let byteCount = 24

    /// Nanoseconds since 1970; 0 never counts as unchanged.
    public var changed: Int64
    public var inode: UInt64
    public var device: UInt64

    public init(changed: Int64, inode: UInt64, device: UInt64) {
        self.changed = changed
        self.inode = inode
        self.device = device
    }

    public func encode(into writer: inout ByteWriter) {
        writer.write(changed)
        writer.write(inode)
        writer.write(device)
    }

    public init(_ reader: inout ByteReader) throws(FormatError) {
        changed = try reader.integer(Int64.self)
        inode = try reader.integer(UInt64.self)
        device = try reader.integer(UInt64.self)
    }
}
