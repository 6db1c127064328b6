import VarveFormat
import VarveSystem

/// One open, immutable run.
///
/// Only the filter and the fences are in memory. The file stays readable after its name is gone.
final class Run: @unchecked Sendable {
    // Unchecked: every property is a constant and the resident bytes are never written after `init`.

    /// Random, never 0; it names the file.
    let number: UInt64
    /// Stands for all bytes of the run but its entries, which the fences vouch for.
    let digest: RunDigest
    let shape: RunShape
    let file: File
    let filter: BlockedFilter
    let chunks: SortedTable
    let features: SortedTable
    let segments: [SegmentID]
    /// The pack table: each row's ordinal in the open catalog, and its row in `segments`.
    let packs: [UInt32]
    let packSegments: [UInt32]
    private let resident: UnsafeMutableRawBufferPointer

    /// Reads and checks all but the entries; anything unexpected is damage.
    init(
        _ file: consuming File, number: UInt64, digest: RunDigest, repository: RepositoryID,
        packTable: inout PackTable
    ) throws(CatalogError) {
        let trailer = try Self.readTrailer(of: file, digest: digest)
        let shape = trailer.shape
        guard trailer.repository == repository else { throw .damaged }
        let names = try Self.readNames(of: file, trailer)
        let resident = UnsafeMutableRawBufferPointer.allocate(
            byteCount: shape.residentBytes, alignment: BlockedFilter.blockBytes)
        do throws(CatalogError) {
            try file.readExactly(resident, at: shape.residentOffset)
            guard RunDigest(hashing: UnsafeRawBufferPointer(resident)) == trailer.resident else {
                throw .damaged
            }
        } catch {
            resident.deallocate()
            throw error
        }
        let base = resident.baseAddress!
        (self.number, self.digest, self.shape) = (number, digest, shape)
        self.file = file
        self.resident = resident
        filter = BlockedFilter(
            words: base.assumingMemoryBound(to: UInt64.self), blockCount: Int(shape.filterBlocks))
        chunks = SortedTable(
            offset: 0, entryBytes: ChunkEntry.byteCount, count: Int(shape.chunkCount),
            fences: UnsafeRawPointer(base + shape.filterBytes),
            bucketCount: Int(shape.chunkBuckets))
        features = SortedTable(
            offset: shape.chunkBytes, entryBytes: FeatureEntry.byteCount,
            count: Int(shape.featureCount),
            fences: UnsafeRawPointer(base + shape.filterBytes + Int(shape.chunkBuckets) * 8),
            bucketCount: Int(shape.featureBuckets))
        segments = names.segments
        packs = packTable.intern(names.packs)
        packSegments = names.packSegments
    }

    deinit { resident.deallocate() }

    private static func readTrailer(
        of file: borrowing File, digest: RunDigest
    ) throws(CatalogError) -> RunTrailer {
        let fileBytes = try file.checkedSize()
        guard fileBytes >= RunTrailer.byteCount else { throw .damaged }
        let bytes = try file.read(RunTrailer.byteCount, at: fileBytes - RunTrailer.byteCount)
        defer { bytes.deallocate() }
        let trailer = try RunTrailer(decoding: UnsafeRawBufferPointer(bytes), digest: digest)
        // From here on every length is bounded by the file's own.
        guard trailer.shape.fileBytes == fileBytes else { throw .damaged }
        return trailer
    }

    private static func readNames(
        of file: borrowing File, _ trailer: RunTrailer
    ) throws(CatalogError) -> RunNames {
        let shape = trailer.shape
        let bytes = try file.read(shape.namesBytes, at: shape.namesOffset)
        defer { bytes.deallocate() }
        guard RunDigest(hashing: UnsafeRawBufferPointer(bytes)) == trailer.names else {
            throw .damaged
        }
        return try RunNames(
            decoding: UnsafeRawBufferPointer(bytes), packCount: Int(shape.packCount),
            segmentCount: Int(shape.segmentCount))
    }
}
