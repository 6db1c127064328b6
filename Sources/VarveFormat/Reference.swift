/// A chunk that a snapshot needs, and what its bytes are.
public struct Reference: Sendable, Hashable {
    /// What a stream of bytes holds in the end.
    public enum Stream: UInt8, Sendable, Hashable {
        case file
        case directory
        case statList
    }

    public var id: ChunkID
    /// Bytes of the stream that it covers.
    public var bytes: Int
    public var stream: Stream
    /// 0 for a chunk of the stream itself, else it is a list, of depth `levels` - 1.
    public var levels: Int

    public init(id: ChunkID, bytes: Int, stream: Stream, levels: Int) {
        self.id = id
        self.bytes = bytes
        self.stream = stream
        self.levels = levels
    }

    /// Whether its bytes may name other chunks.
    public var isBranch: Bool { levels > 0 || stream == .directory }

    /// What its bytes name, in order.
    public func references(
        in plain: UnsafeRawBufferPointer
    ) throws(FormatError) -> [Reference] {
        if levels > 0 {
            let list = try ChunkList(plain, depth: levels - 1, covering: bytes)
            return list.entries.map {
                Reference(id: $0.id, bytes: $0.bytes, stream: stream, levels: levels - 1)
            }
        }
        return stream == .directory ? try Self.references(inDirectory: plain) : []
    }

    private static func references(
        inDirectory records: UnsafeRawBufferPointer
    ) throws(FormatError) -> [Reference] {
        var found: [Reference] = []
        var previous: [UInt8] = []
        for node in try Directory.nodes(of: records, after: &previous) {
            guard let content = node.content else { continue }
            found += try content.references(as: node.kind == .directory ? .directory : .file)
        }
        return found
    }
}

extension Content {
    /// The chunks that stand in it, and those that the records of a literal directory name.
    public func references(as stream: Reference.Stream) throws(FormatError) -> [Reference] {
        guard let literal else {
            return entries.map {
                Reference(id: $0.id, bytes: $0.bytes, stream: stream, levels: depth)
            }
        }
        let whole = Reference(
            id: .zero, bytes: literal.count, stream: stream, levels: 0)
        // Each literal is shorter than the one it stands in.
        return try literal.span.withUnsafeBytes { (bytes) throws(FormatError) in
            try whole.references(in: bytes)
        }
    }
}

extension SnapshotManifest {
    /// The chunks that it names itself.
    public func references() throws(FormatError) -> [Reference] {
        try root.content.references(as: .directory)
            + (statList?.references(as: .statList) ?? [])
    }
}
