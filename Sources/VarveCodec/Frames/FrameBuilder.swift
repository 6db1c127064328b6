import VarveCrypto
public import VarveFormat

/// Gathers whole chunks and compresses and seals them together.
public struct FrameBuilder: ~Copyable {
    private let kind: UnitKind
    private let level: CompressionLevel
    private let raw: ByteBuffer
    private let unit: ByteBuffer
    private var chunks: [TableOfContents.Chunk] = []
    private var rawBytes = 0
    private let target: Int

    /// A compressed frame that saves less than this part of its bytes is stored as it is.
    private static let savingMin = 64
    /// What libzstd wants beyond the bytes it writes in the end.
    private static let slack = 128

    /// Frames of about `target` plain bytes, whose chunks have at most `chunkBytesMax` each.
    public init(
        _ contents: PackContents, target: Int, chunkBytesMax: Int, level: CompressionLevel
    ) {
        kind = contents.unitKind
        self.level = level
        self.target = target
        let capacity = max(target, chunkBytesMax)
        raw = ByteBuffer(capacity: capacity)
        let directoryBytes = 8 + 4 * Self.chunksMax
        unit = ByteBuffer(
            capacity: capacity + directoryBytes + UnitHeader.overhead + Self.slack)
    }

    /// The most chunks that one frame gathers; tiny files would make the directory large.
    public static let chunksMax = 8192

    public var isEmpty: Bool { chunks.isEmpty }

    /// Whether a chunk of `bytes` still belongs into this frame.
    public func hasRoom(for bytes: Int) -> Bool {
        rawBytes + bytes <= max(target, raw.bytes.count) && chunks.count < Self.chunksMax
            && (isEmpty || rawBytes + bytes <= target)
    }

    /// Adds a chunk for which there is room.
    public mutating func append(
        _ bytes: UnsafeRawBufferPointer, id: ChunkID, features: SuperFeatures?
    ) {
        precondition(hasRoom(for: bytes.count), "a frame has no room for the chunk")
        UnsafeMutableRawBufferPointer(rebasing: raw.bytes[rawBytes...]).copyMemory(from: bytes)
        rawBytes += bytes.count
        chunks.append(TableOfContents.Chunk(id: id, rawBytes: bytes.count, features: features))
    }

    /// The plain bytes gathered so far, in order.
    public var plain: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: raw.bytes[..<rawBytes])
    }

    /// Seals what was gathered and starts anew; the frame's bytes stay until the next call.
    public mutating func finish(
        _ compressor: inout Compressor, _ sealer: inout UnitSealer
    ) throws -> SealedFrame {
        let plain = plain
        let compressed = try compress(plain, &compressor)
        let codec = compressed == nil ? FrameCodec.stored : .zstd
        var directory = ByteWriter(reserving: 8 + 4 * chunks.count)
        FrameDirectory(
            codec: codec, chunks: chunks.map { FrameDirectory.Chunk(rawBytes: $0.rawBytes) }
        ).encode(into: &directory)
        let start = UnitHeader.byteCount
        let payload = start + directory.bytes.count
        UnsafeMutableRawBufferPointer(rebasing: unit.bytes[start...])
            .copyBytes(from: directory.bytes)
        if compressed == nil {
            UnsafeMutableRawBufferPointer(rebasing: unit.bytes[payload...])
                .copyMemory(from: plain)
        }
        let end = payload + (compressed ?? plain.count)
        let whole = UnsafeMutableRawBufferPointer(
            rebasing: unit.bytes[..<(end + UnitHeader.tagBytes)])
        let digest = digest(codec, directory.bytes, body: whole[start..<end])
        try sealer.seal(kind, whole, digest: digest)
        defer {
            chunks.removeAll(keepingCapacity: true)
            rawBytes = 0
        }
        return SealedFrame(unit: UnsafeRawBufferPointer(whole), codec: codec, chunks: chunks)
    }

    /// Compresses to where the payload will stand; nil when that does not pay.
    private mutating func compress(
        _ plain: UnsafeRawBufferPointer, _ compressor: inout Compressor
    ) throws -> Int? {
        guard case .zstd(let level) = level, !Incompressible.looksLikeNoise(plain) else {
            return nil
        }
        let payload = UnitHeader.byteCount + 8 + 4 * chunks.count
        let worth = plain.count - plain.count / Self.savingMin
        let room = UnsafeMutableRawBufferPointer(
            rebasing: unit.bytes[payload..<min(payload + worth + 64, unit.bytes.count)])
        let count = try compressor.compress(plain, into: room, level: level)
        guard let count, count < worth else { return nil }
        return count
    }

    /// What determines the body: of stored chunks their ids do, so their bytes are not hashed again.
    private func digest(
        _ codec: FrameCodec, _ directory: [UInt8], body: Slice<UnsafeMutableRawBufferPointer>
    ) -> [UInt8] {
        guard codec == .stored else {
            return SHA256.digest(UnsafeRawBufferPointer(rebasing: body))
        }
        var message = ByteWriter(reserving: directory.count + 32 * chunks.count)
        message.write(raw: directory)
        for chunk in chunks { message.write(chunk.id) }
        return SHA256.digest(message.bytes)
    }
}
