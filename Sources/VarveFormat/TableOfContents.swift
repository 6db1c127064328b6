/// Three 32-bit hashes of a chunk of which similar chunks share at least one.
public struct SuperFeatures: Sendable, Equatable {
    public var first: UInt32
    public var second: UInt32
    public var third: UInt32

    public init(_ first: UInt32, _ second: UInt32, _ third: UInt32) {
        self.first = first
        self.second = second
        self.third = third
    }
}

/// Whether a pack holds file content, or trees and lists.
public enum PackContents: UInt8, Sendable, CaseIterable {
    case data = 1
    case metadata

    public var unitKind: UnitKind { self == .data ? .dataFrame : .metadataFrame }
}

/// What a pack holds: frame by frame, chunk by chunk.
public struct TableOfContents: Sendable, Equatable {
    public struct Chunk: Sendable, Equatable {
        public var id: ChunkID
        public var rawBytes: Int
        public var features: SuperFeatures?
        /// Bytes of the chunk's own zstd frame; 0 unless it is a delta.
        public var storedBytes: Int
        public var base: ChunkID?

        public init(
            id: ChunkID, rawBytes: Int, features: SuperFeatures?, storedBytes: Int = 0,
            base: ChunkID? = nil
        ) {
            self.id = id
            self.rawBytes = rawBytes
            self.features = features
            self.storedBytes = storedBytes
            self.base = base
        }
    }

    public struct Frame: Sendable, Equatable {
        public var offset: Int
        /// Stored bytes, header and tag included.
        public var bytes: Int
        public var tag: [UInt8]
        public var codec: FrameCodec
        public var chunks: [Chunk]

        public init(
            offset: Int, bytes: Int, tag: [UInt8], codec: FrameCodec, chunks: [Chunk]
        ) {
            self.offset = offset
            self.bytes = bytes
            self.tag = tag
            self.codec = codec
            self.chunks = chunks
        }
    }

    public var contents: PackContents
    public var frames: [Frame]

    public init(contents: PackContents, frames: [Frame] = []) {
        self.contents = contents
        self.frames = frames
    }

    public func encode(into writer: inout ByteWriter) {
        writer.write(contents.rawValue)
        writer.write(UInt8(0))
        writer.write(UInt16(0))
        writer.write(UInt32(frames.count))
        for frame in frames {
            writer.write(UInt32(frame.offset))
            writer.write(UInt32(frame.bytes))
            writer.write(raw: frame.tag)
            writer.write(frame.codec.rawValue)
            writer.write(UInt8(0))
            writer.write(UInt16(frame.chunks.count))
            for chunk in frame.chunks { Self.encode(chunk, into: &writer) }
        }
    }

    private static func encode(_ chunk: Chunk, into writer: inout ByteWriter) {
        writer.write(chunk.id)
        writer.write(UInt32(chunk.rawBytes))
        writer.write(UInt8(chunk.features == nil ? 0 : 1))
        if let features = chunk.features {
            writer.write(features.first)
            writer.write(features.second)
            writer.write(features.third)
        }
        if let base = chunk.base {
            writer.write(UInt32(chunk.storedBytes))
            writer.write(base)
        }
    }

    public init(_ reader: inout ByteReader) throws(FormatError) {
        guard let contents = PackContents(rawValue: try reader.byte()) else {
            throw .invalid("a table of contents is of an unknown kind")
        }
        try reader.zero(UInt8.self)
        try reader.zero(UInt16.self)
        let count = Int(try reader.integer(UInt32.self))
        guard count <= FormatLimit.packFrames else { throw .invalid("a pack has too many frames") }
        guard count <= reader.remaining / 28 else { throw .truncated }
        self.contents = contents
        frames = []
        frames.reserveCapacity(count)
        for _ in 0..<count {
            let frame = try Self.frame(&reader)
            guard frame.offset == frameBytes else { throw .invalid("a pack has gaps") }
            frames.append(frame)
        }
    }

    /// Where the frames of the pack end.
    public var frameBytes: Int { frames.last.map { $0.offset + $0.bytes } ?? 0 }

    private static func frame(_ reader: inout ByteReader) throws(FormatError) -> Frame {
        let bytesMax = UnitKind.dataFrame.bodyLimit + UnitHeader.overhead
        let offset = Int(try reader.integer(UInt32.self))
        let bytes = Int(try reader.integer(UInt32.self))
        guard (UnitHeader.overhead...bytesMax).contains(bytes) else {
            throw .invalid("a frame's length is out of bounds")
        }
        let tag = try reader.raw(UnitHeader.tagBytes)
        guard let codec = FrameCodec(rawValue: try reader.byte()) else {
            throw .invalid("a frame's codec is unknown")
        }
        try reader.zero(UInt8.self)
        let count = Int(try reader.integer(UInt16.self))
        guard count >= 1 else { throw .invalid("a frame holds no chunk") }
        guard count <= reader.remaining / 37 else { throw .truncated }
        var chunks: [Chunk] = []
        chunks.reserveCapacity(count)
        var rawBytes = 0
        for _ in 0..<count {
            let chunk = try chunk(codec, &reader)
            rawBytes += chunk.rawBytes
            chunks.append(chunk)
        }
        guard rawBytes <= FormatLimit.frameRawBytes else {
            throw .invalid("a frame's chunks are too long")
        }
        return Frame(offset: offset, bytes: bytes, tag: tag, codec: codec, chunks: chunks)
    }

    private static func chunk(
        _ codec: FrameCodec, _ reader: inout ByteReader
    ) throws(FormatError) -> Chunk {
        var chunk = Chunk(
            id: try reader.identifier(), rawBytes: Int(try reader.integer(UInt32.self)),
            features: nil)
        guard (1...FormatLimit.chunkBytes).contains(chunk.rawBytes) else {
            throw .invalid("a chunk's length is out of bounds")
        }
        switch try reader.byte() {
        case 0: break
        case 1:
            let first = try reader.integer(UInt32.self)
            let second = try reader.integer(UInt32.self)
            chunk.features = SuperFeatures(first, second, try reader.integer(UInt32.self))
        default: throw .invalid("a chunk has an unknown flag")
        }
        if codec == .delta {
            chunk.storedBytes = Int(try reader.integer(UInt32.self))
            chunk.base = try reader.identifier()
        }
        return chunk
    }
}
