public import VarveFormat

/// What one index segment says, gathered to become a run: about 90 bytes a chunk.
public struct SegmentEntries: Sendable {
    /// The most chunks that one run can take.
    static let chunksMax = 1 << 28

    public let segment: SegmentID
    private var names = RunNames()
    /// Chunk entries, as a run has them, in the order they came.
    private var chunks: [UInt8] = []
    /// Features in the high halves, in the low ones the complements of the ordinals of their chunks.
    private var features: [UInt64] = []
    /// For each chunk the prefix of the id of the full chunk that its features lead to.
    private var bases: [UInt64] = []

    public init(segment: SegmentID, chunkCountExpected: Int = 0) {
        self.segment = segment
        names.append(segment)
        chunks.reserveCapacity(chunkCountExpected * ChunkEntry.byteCount)
        features.reserveCapacity(chunkCountExpected * 3)
        bases.reserveCapacity(chunkCountExpected)
    }

    public var chunkCount: Int { bases.count }

    /// The chunks that follow lie in `pack`.
    public mutating func beginPack(_ pack: PackID) { names.append(pack, segment: 0) }

    /// Adds a chunk of the pack begun last.
    public mutating func append(_ chunk: CatalogChunk) {
        precondition(!names.packs.isEmpty, "a chunk lies in a pack")
        precondition(chunkCount < Self.chunksMax, "more chunks than a run can take")
        var place = chunk.place
        place.pack = UInt32(names.packs.count - 1)
        place.base = chunk.base?.prefix ?? 0
        let ordinal = UInt32(bases.count)
        withUnsafeTemporaryAllocation(byteCount: ChunkEntry.byteCount, alignment: 8) { entry in
            ChunkEntry.write(chunk.id, place, to: entry.baseAddress!)
            chunks.append(contentsOf: entry)
        }
        bases.append((chunk.base ?? chunk.id).prefix)
        // A delta leads to its base; with no base known it leads nowhere.
        guard let found = chunk.features,
            !place.isDelta || chunk.base != nil
        else { return }
        for feature in [found.first, found.second, found.third] {
            features.append(UInt64(feature) << 32 | UInt64(~ordinal))
        }
    }

    /// Sorts everything and writes it as one run.
    mutating func write(
        to writer: inout RunWriter, repository: RepositoryID
    ) throws -> RunDigest {
        try chunks.withUnsafeBytes { chunks in
            for ordinal in Self.order(of: chunks) {
                try writer.append(Self.entry(ordinal, of: chunks))
            }
        }
        try writer.endChunks()
        // Equal features: the complement puts the newest chunk first.
        features.sort()
        try withUnsafeTemporaryAllocation(byteCount: FeatureEntry.byteCount, alignment: 8) {
            let entry = $0.baseAddress!
            for key in features {
                let ordinal = Int(~UInt32(truncatingIfNeeded: key))
                FeatureEntry.write(UInt32(key >> 32), bases[ordinal], to: entry)
                try writer.append(FeatureEntry(pointer: entry))
            }
        }
        return try writer.finish(names, repository: repository)
    }

    var featureCount: Int { features.count }

    private static func entry(_ ordinal: UInt32, of chunks: UnsafeRawBufferPointer) -> ChunkEntry {
        ChunkEntry(pointer: chunks.baseAddress! + Int(ordinal) * ChunkEntry.byteCount)
    }

    /// The ordinals of the chunks in the order of their ids' prefixes.
    private static func order(of chunks: UnsafeRawBufferPointer) -> [UInt32] {
        let count = chunks.count / ChunkEntry.byteCount
        // Half a prefix and an ordinal: nearly always enough to sort by, and half the memory.
        var order = (0..<UInt32(count)).map { ordinal in
            (entry(ordinal, of: chunks).prefix >> 32) << 32 | UInt64(ordinal)
        }
        order.sort { a, b in
            if a >> 32 != b >> 32 { return a < b }
            let first = entry(UInt32(truncatingIfNeeded: a), of: chunks).prefix
            let second = entry(UInt32(truncatingIfNeeded: b), of: chunks).prefix
            return first == second ? a < b : first < second
        }
        return order.map { UInt32(truncatingIfNeeded: $0) }
    }
}
