/// How a frame's payload holds its chunks.
public enum FrameCodec: UInt8, Sendable {
    case stored = 0
    case zstd
    case delta
}

/// What stands before a frame's payload: which chunks it holds.
public struct FrameDirectory: Sendable, Equatable {
    public struct Chunk: Sendable, Equatable {
        public var rawBytes: Int
        /// Bytes of this chunk's own zstd frame; 0 unless the codec is delta.
        public var storedBytes: Int
        public var base: ChunkID?

        public init(rawBytes: Int, storedBytes: Int = 0, base: ChunkID? = nil) {
            self.rawBytes = rawBytes
            self.storedBytes = storedBytes
            self.base = base
        }
    }

    public var codec: FrameCodec
    public var chunks: [Chunk]

    public init(codec: FrameCodec, chunks: [Chunk]) {
        self.codec = codec
        self.chunks = chunks
    }

    /// Plain bytes of all chunks together.
    public var rawBytes: Int { chunks.reduce(0) { $0 + $1.rawBytes } }

    public func encode(into writer: inout ByteWriter) {
        writer.write(codec.rawValue)
        writer.write(UInt8(0))
        writer.write(UInt16(0))
        writer.write(UInt32(chunks.count))
        for chunk in chunks {
            writer.write(UInt32(chunk.rawBytes))
            guard let base = chunk.base else { continue }
            writer.write(UInt32(chunk.storedBytes))
            writer.write(base)
        }
    }

    /// Decodes the directory; the payload follows in `reader`.
    public init(_ reader: inout ByteReader) throws(FormatError) {
        guard let codec = FrameCodec(rawValue: try reader.byte()) else {
            throw .invalid("a frame's codec is unknown")
        }
        try reader.zero(UInt8.self)
        try reader.zero(UInt16.self)
        let count = Int(try reader.integer(UInt32.self))
        guard (1...FormatLimit.frameChunks).contains(count) else {
            throw .invalid("a frame's count of chunks is out of bounds")
        }
        guard count * (codec == .delta ? 40 : 4) <= reader.remaining else { throw .truncated }
        self.codec = codec
        chunks = []
        chunks.reserveCapacity(count)
        for _ in 0..<count { chunks.append(try Self.chunk(codec, &reader)) }
        try checkLengths(payload: reader.remaining)
    }

    private static func chunk(
        _ codec: FrameCodec, _ reader: inout ByteReader
    ) throws(FormatError) -> Chunk {
        let rawBytes = Int(try reader.integer(UInt32.self))
        guard (1...FormatLimit.chunkBytes).contains(rawBytes) else {
            throw .invalid("a chunk's length is out of bounds")
        }
        guard codec == .delta else { return Chunk(rawBytes: rawBytes) }
        let storedBytes = Int(try reader.integer(UInt32.self))
        return Chunk(
            rawBytes: rawBytes, storedBytes: storedBytes, base: try reader.identifier())
    }

    private func checkLengths(payload: Int) throws(FormatError) {
        guard rawBytes <= FormatLimit.frameRawBytes else {
            throw .invalid("a frame's chunks are too long")
        }
        let expected: Int? =
            switch codec {
            case .stored: rawBytes
            case .zstd: nil
            case .delta: chunks.reduce(0) { $0 + $1.storedBytes }
            }
        guard expected == nil || expected == payload else {
            throw .invalid("a frame's lengths do not add up")
        }
    }
}
