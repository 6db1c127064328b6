/// Where a stream of bytes lies: its chunks in order, the lists that name them, or right here.
public struct Content: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        public var id: ChunkID
        /// Bytes of the stream that the chunk, or everything under the list, covers.
        public var bytes: Int

        public init(id: ChunkID, bytes: Int) {
            self.id = id
            self.bytes = bytes
        }
    }

    /// Bytes of the whole stream.
    public var size: Int
    /// 0 when the entries are the chunks themselves, else how many levels of lists lie between.
    public var depth: Int
    public var entries: [Entry]
    /// The bytes themselves, of a directory so small that a chunk of its own would not pay.
    public var literal: [UInt8]?

    /// Stands in the depth's place before literal bytes.
    private static let literalDepth: UInt8 = 0xff

    public init(literal: [UInt8]) {
        self.init(size: literal.count, depth: 0, entries: [])
        self.literal = literal
    }

    public init(size: Int, depth: Int, entries: [Entry]) {
        self.size = size
        self.depth = depth
        self.entries = entries
    }

    public static let empty = Content(size: 0, depth: 0, entries: [])

    public func encode(into writer: inout ByteWriter) {
        writer.write(count: size)
        if let literal {
            writer.write(Self.literalDepth)
            writer.write(raw: literal)
            return
        }
        writer.write(UInt8(depth))
        writer.write(count: entries.count)
        for (index, entry) in entries.enumerated() {
            writer.write(entry.id)
            if index < entries.count - 1 { writer.write(count: entry.bytes) }
        }
    }

    public init(_ reader: inout ByteReader) throws(FormatError) {
        let size = try reader.number(atMost: FormatLimit.streamBytes)
        let depth = try reader.byte()
        guard depth != Self.literalDepth else {
            guard (1...FormatLimit.literalBytes).contains(size) else {
                throw .invalid("a literal content is empty or too long")
            }
            self.init(literal: try reader.raw(size))
            return
        }
        let count = try reader.number(atMost: FormatLimit.contentEntries)
        guard count <= reader.remaining / 32 else { throw .truncated }
        self.init(size: size, depth: Int(depth), entries: [])
        entries.reserveCapacity(count)
        var rest = size
        for index in 0..<count {
            let id = try reader.identifier(ChunkKind.self)
            let bytes = index < count - 1 ? try reader.number(atMost: rest) : rest
            entries.append(Entry(id: id, bytes: bytes))
            rest -= bytes
        }
        try check()
    }

    /// Throws unless every number is within its bounds and the lengths add up to the size.
    public func check() throws(FormatError) {
        if let literal {
            guard (1...FormatLimit.literalBytes).contains(literal.count), size == literal.count,
                entries.isEmpty
            else { throw .invalid("a literal content is not what it says") }
            return
        }
        guard (0...FormatLimit.contentDepth).contains(depth) else {
            throw .invalid("lists are too deep")
        }
        guard (0...FormatLimit.streamBytes).contains(size),
            entries.count <= FormatLimit.contentEntries, size > 0 || depth == 0
        else { throw .invalid("a content's size or count is out of bounds") }
        try Self.check(entries, areChunks: depth == 0, covering: size)
    }

    /// Throws unless every length is possible and they add up to `bytes`.
    static func check(
        _ entries: [Entry], areChunks: Bool, covering bytes: Int
    ) throws(FormatError) {
        var rest = bytes
        for entry in entries {
            guard entry.bytes > 0, entry.bytes <= rest else {
                throw .invalid("the lengths of chunks do not add up")
            }
            guard !areChunks || entry.bytes <= FormatLimit.chunkBytes else {
                throw .invalid("a chunk's length is out of bounds")
            }
            rest -= entry.bytes
        }
        guard rest == 0 else { throw .invalid("the lengths of chunks do not add up") }
    }
}

/// A chunk of metadata that names other chunks.
public struct ChunkList: Sendable, Equatable {
    /// 0 when the entries are chunks of the stream, else the depth of the lists they are.
    public var depth: Int
    public var entries: [Content.Entry]

    public init(depth: Int, entries: [Content.Entry]) {
        self.depth = depth
        self.entries = entries
    }

    public var encoded: [UInt8] {
        var writer = ByteWriter(reserving: entries.count * 36 + 8)
        writer.write(UInt8(depth))
        writer.write(count: entries.count)
        for entry in entries {
            writer.write(entry.id)
            writer.write(count: entry.bytes)
        }
        return writer.bytes
    }

    /// Decodes a list that should have `depth` and cover exactly `bytes`.
    public init(_ buffer: UnsafeRawBufferPointer, depth: Int, covering bytes: Int)
        throws(FormatError)
    {
        var reader = ByteReader(buffer)
        self.depth = Int(try reader.byte())
        let count = try reader.number(atMost: FormatLimit.contentEntries)
        guard self.depth == depth, count > 0, count <= reader.remaining / 33 else {
            throw .invalid("a chunk list is malformed")
        }
        entries = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let id = try reader.identifier(ChunkKind.self)
            entries.append(Content.Entry(id: id, bytes: try reader.number()))
        }
        try Content.check(entries, areChunks: depth == 0, covering: bytes)
        try reader.finish()
    }

    /// The least and the most entries of a list, and the id bits that are zero where one is cut.
    private static let entriesMin = 128
    private static let cutMask: UInt64 = 511
    /// The most entries that stand in a node itself.
    public static let inlineEntries = 32

    /// Whether a list of `count` entries ends after the one with this id.
    public static func ends(after id: ChunkID, count: Int) -> Bool {
        count >= entriesMin && id.prefix & cutMask == 0 || count == FormatLimit.contentEntries
    }
}
