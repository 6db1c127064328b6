public import VarveCrypto
public import VarveFormat

/// Gathers chunks as differences from other chunks, and seals them together.
public struct DeltaFrameBuilder: ~Copyable {
    private let kind: UnitKind
    private let unit: ByteBuffer
    private var payload: [UInt8] = []
    private var chunks: [TableOfContents.Chunk] = []
    private var rawBytes = 0
    /// What part of a delta thorough searches saved lately, and how many were left out since.
    private var thoroughSaving = 1.0
    private var skipped = 0
    private let delta: ByteBuffer
    private let alone: ByteBuffer

    /// A delta is used when it takes less than this part of the chunk's plain bytes.
    private static let savingMin = 6
    /// A delta that takes less than this part is used as it is: it is not searched for once more,
    /// and nobody asks what the chunk alone would take.
    private static let quickEnough = 32
    /// How much the last thorough search counts in what they save, what makes them worth their time,
    /// and how many are left out while they are not.
    private static let savingWeight = 0.25
    private static let thoroughSavingMin = 0.05
    private static let skippedMax = 15
    /// What a delta takes beside its bytes: its base's id in two places, its length.
    private static let recordBytes = 76
    /// What libzstd wants beyond the bytes it writes in the end.
    private static let slack = 128
    /// A frame ends at this many plain bytes, stored bytes, or chunks.
    private static let rawBytesMax = 4 << 20
    private static let payloadBytesMax = 512 << 10
    private static let chunksMax = 1024

    /// For chunks of at most `chunkBytesMax` plain bytes each.
    public init(_ contents: PackContents, chunkBytesMax: Int) {
        kind = contents.unitKind
        let deltaBytes = chunkBytesMax / Self.savingMin + Self.slack
        delta = ByteBuffer(capacity: deltaBytes)
        alone = ByteBuffer(capacity: 2 * (deltaBytes + Self.recordBytes) + Self.slack)
        unit = ByteBuffer(
            capacity: UnitHeader.overhead + 8 + 40 * (Self.chunksMax + 1) + Self.payloadBytesMax
                + deltaBytes)
    }

    public var isEmpty: Bool { chunks.isEmpty }

    /// Whether the frame should be finished before anything else is added.
    public var isFull: Bool {
        rawBytes >= Self.rawBytesMax || payload.count >= Self.payloadBytesMax
            || chunks.count >= Self.chunksMax
    }

    /// Adds the chunk as a difference from `base`; false, and nothing added, when that is too long.
    public mutating func append(
        _ bytes: UnsafeRawBufferPointer, id: ChunkID, features: SuperFeatures?,
        base: UnsafeRawBufferPointer, baseID: ChunkID, _ compressor: inout Compressor
    ) throws(ZstdError) -> Bool {
        let worth = bytes.count / Self.savingMin
        let room = UnsafeMutableRawBufferPointer(rebasing: delta.bytes[..<(worth + Self.slack)])
        var found = try compressor.compress(bytes, prefix: base, into: room)
        if (found ?? worth) > bytes.count / Self.quickEnough, isThoroughDue() {
            let quick = found ?? worth
            found = try compressor.compress(bytes, prefix: base, into: room, effort: .thorough)
            let saved = 1 - Double(found ?? quick) / Double(quick)
            if saved <= 0 { found = try compressor.compress(bytes, prefix: base, into: room) }
            thoroughSaving += Self.savingWeight * (saved - thoroughSaving)
        }
        guard let count = found, count < worth, try saves(count, bytes, &compressor) else {
            return false
        }
        payload.append(contentsOf: room[..<count])
        chunks.append(
            TableOfContents.Chunk(
                id: id, rawBytes: bytes.count, features: features, storedBytes: count,
                base: baseID))
        rawBytes += bytes.count
        return true
    }

    /// Adds a delta that was made before; false, and nothing added, when it is longer than any that
    /// `append` makes.
    public mutating func append(
        _ delta: UnsafeRawBufferPointer, _ chunk: TableOfContents.Chunk
    ) -> Bool {
        guard delta.count <= self.delta.bytes.count else { return false }
        payload.append(contentsOf: delta)
        chunks.append(chunk)
        rawBytes += chunk.rawBytes
        return true
    }

    /// Whether a longer search is worth its time: it is where it lately was, and else only at times.
    private mutating func isThoroughDue() -> Bool {
        if thoroughSaving >= Self.thoroughSavingMin || skipped >= Self.skippedMax {
            skipped = 0
            return true
        }
        skipped += 1
        return false
    }

    /// Whether a delta of `count` bytes takes at most half of what the chunk would take alone.
    ///
    /// A very short one does without asking; otherwise the chunk is compressed into as much room.
    private mutating func saves(
        _ count: Int, _ bytes: UnsafeRawBufferPointer, _ compressor: inout Compressor
    ) throws(ZstdError) -> Bool {
        if count < bytes.count / Self.quickEnough { return true }
        let room = min(2 * (count + Self.recordBytes), alone.bytes.count - Self.slack)
        let target = UnsafeMutableRawBufferPointer(rebasing: alone.bytes[..<(room + Self.slack)])
        guard let full = try compressor.compress(bytes, into: target, level: 1) else { return true }
        return full > room
    }

    /// Seals what was gathered and starts anew; the frame's bytes stay until the next call.
    public mutating func finish(_ sealer: inout UnitSealer) throws(CryptoError) -> SealedFrame {
        var directory = ByteWriter(reserving: 8 + 40 * chunks.count)
        FrameDirectory(
            codec: .delta,
            chunks: chunks.map {
                FrameDirectory.Chunk(
                    rawBytes: $0.rawBytes, storedBytes: $0.storedBytes, base: $0.base)
            }
        ).encode(into: &directory)
        let start = UnitHeader.byteCount
        let middle = start + directory.bytes.count
        let end = middle + payload.count
        let whole = UnsafeMutableRawBufferPointer(
            rebasing: unit.bytes[..<(end + UnitHeader.tagBytes)])
        whole[start..<middle].copyBytes(from: directory.bytes)
        whole[middle..<end].copyBytes(from: payload)
        let digest = SHA256.digest(UnsafeRawBufferPointer(rebasing: whole[start..<end]))
        try sealer.seal(kind, whole, digest: digest)
        defer {
            chunks.removeAll(keepingCapacity: true)
            payload.removeAll(keepingCapacity: true)
            rawBytes = 0
        }
        return SealedFrame(unit: UnsafeRawBufferPointer(whole), codec: .delta, chunks: chunks)
    }
}
