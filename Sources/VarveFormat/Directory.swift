/// Turns a directory's nodes into the pieces that are stored as chunks, and back.
public enum Directory {
    private static let pieceBytesMin = 16 << 10
    private static let pieceBytesMax = 256 << 10
    private static let cutMask: UInt64 = 255
    /// A directory of at most so many bytes stands in its own node, in the directory above.
    public static let literalBytesMax = 1 << 10

    /// The records of `nodes`, which must be in ascending order of their names, in pieces.
    public static func pieces(of nodes: [Node]) -> [[UInt8]] {
        var encoder = DirectoryEncoder()
        return nodes.compactMap { encoder.append($0) } + [encoder.finish()].compactMap(\.self)
    }

    /// Whether a piece ends after a node of this name, when it has so many bytes.
    static func ends(after name: [UInt8], bytes: Int) -> Bool {
        bytes >= pieceBytesMin && hash(name) & cutMask == 0 || bytes >= pieceBytesMax
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
        var owner: (user: [UInt8], group: [UInt8]) = ([], [])
        while reader.remaining > 0 {
            let node = try Node(&reader, likely: owner)
            owner = (node.user, node.group)
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

/// Turns a directory's nodes, in ascending order of their names, into pieces as they come.
public struct DirectoryEncoder: Sendable {
    private var encoder = NodeEncoder()
    private var writer = ByteWriter()

    public init() {}

    /// The piece that this node completes, if it does.
    public mutating func append(_ node: Node) -> [UInt8]? {
        encoder.encode(node, into: &writer)
        return Directory.ends(after: node.name, bytes: writer.bytes.count) ? finish() : nil
    }

    /// The last piece; nil when nothing is left.
    public mutating func finish() -> [UInt8]? {
        defer { writer = ByteWriter() }
        return writer.bytes.isEmpty ? nil : writer.bytes
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
