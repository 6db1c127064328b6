import VarveFormat
import VarveSystem

/// Writes one run from front to back: sorted chunks, then sorted features, then `finish`.
///
/// It holds the resident part, one bucket and one output buffer.
struct RunWriter: ~Copyable {
    /// More bases than this for one feature of a run would only make its bucket long.
    private static let basesPerFeatureMax = 4

    private var sink: FileSink
    private var shape: RunShape
    private let resident: UnsafeMutableRawBufferPointer
    private let filter: BlockedFilter
    private var chunks: SortedTableWriter
    private var features: SortedTableWriter
    /// The last feature written and its bases.
    private var feature: UInt32 = 0
    private var bases: [UInt64] = []

    /// For at most so many entries.
    init(_ file: consuming File, chunksMax: Int, featuresMax: Int) {
        sink = FileSink(file)
        shape = RunShape(chunksMax: chunksMax, featuresMax: featuresMax)
        resident = .allocate(
            byteCount: shape.residentBytes, alignment: BlockedFilter.blockBytes)
        resident.initializeMemory(as: UInt8.self, repeating: 0)
        let base = resident.baseAddress!
        filter = BlockedFilter(
            words: base.assumingMemoryBound(to: UInt64.self), blockCount: Int(shape.filterBlocks))
        let fences = base + shape.filterBytes
        chunks = SortedTableWriter(
            entryBytes: ChunkEntry.byteCount, fences: fences, bucketCount: Int(shape.chunkBuckets))
        features = SortedTableWriter(
            entryBytes: FeatureEntry.byteCount, fences: fences + Int(shape.chunkBuckets) * 8,
            bucketCount: Int(shape.featureBuckets))
    }

    deinit { resident.deallocate() }

    /// Takes chunks in the order of their ids' prefixes, and of equal ones the newest first.
    mutating func append(_ chunk: ChunkEntry) throws(SystemError) {
        let prefix = chunk.prefix
        filter.insert(prefix)
        try chunks.append(chunk.pointer, key: prefix, to: &sink)
    }

    mutating func endChunks() throws(SystemError) { try chunks.finish(to: &sink) }

    /// Takes features in ascending order, and of equal ones the newest first, after `endChunks`.
    mutating func append(_ entry: FeatureEntry) throws(SystemError) {
        let (next, base) = (entry.feature, entry.base)
        if next != feature {
            feature = next
            bases.removeAll(keepingCapacity: true)
        }
        guard bases.count < Self.basesPerFeatureMax, !bases.contains(base) else { return }
        bases.append(base)
        try features.append(entry.pointer, key: FeatureEntry.key(next), to: &sink)
    }

    /// Writes the rest, and answers the digest that stands for the run.
    mutating func finish(
        _ names: RunNames, repository: RepositoryID
    ) throws(SystemError) -> RunDigest {
        try features.finish(to: &sink)
        shape.chunkCount = UInt32(chunks.count)
        shape.featureCount = UInt32(features.count)
        shape.packCount = UInt32(names.packs.count)
        shape.segmentCount = UInt32(names.segments.count)
        let nameBytes = names.encode()
        try sink.write(UnsafeRawBufferPointer(resident))
        try sink.write(nameBytes)
        let trailer = RunTrailer(
            shape: shape, repository: repository,
            resident: RunDigest(hashing: UnsafeRawBufferPointer(resident)),
            names: nameBytes.withUnsafeBytes { RunDigest(hashing: $0) })
        let (bytes, digest) = trailer.encode()
        try sink.write(bytes)
        try sink.flush()
        return digest
    }
}
