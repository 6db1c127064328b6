import VarveFormat

/// The counts that fix where everything in a run lies.
///
/// A run is its chunk entries, its feature entries, the resident part (filter, chunk fences,
/// feature fences), the names (pack rows, segment ids) and a trailer.
struct RunShape: Equatable {
    var chunkCount: UInt32 = 0
    var featureCount: UInt32 = 0
    var chunkBuckets: UInt32
    var featureBuckets: UInt32
    var filterBlocks: UInt32
    var packCount: UInt32 = 0
    var segmentCount: UInt32 = 0

    /// The shape of a run of at most so many entries, both below 2^32.
    init(chunksMax: Int, featuresMax: Int) {
        // Buckets of 7.5 and 4.5 KiB: one read each, and 8 bytes of fence in memory.
        chunkBuckets = UInt32(max(1, (chunksMax + 127) / 128))
        featureBuckets = UInt32(max(1, (featuresMax + 383) / 384))
        filterBlocks = UInt32(BlockedFilter.blockCount(keyCount: chunksMax))
    }

    var chunkBytes: Int { Int(chunkCount) * ChunkEntry.byteCount }
    var featureBytes: Int { Int(featureCount) * FeatureEntry.byteCount }
    var filterBytes: Int { Int(filterBlocks) * BlockedFilter.blockBytes }
    var residentBytes: Int { filterBytes + (Int(chunkBuckets) + Int(featureBuckets)) * 8 }
    var namesBytes: Int { Int(packCount) * RunNames.packRowBytes + Int(segmentCount) * 32 }

    var residentOffset: Int { chunkBytes + featureBytes }
    var namesOffset: Int { residentOffset + residentBytes }
    var trailerOffset: Int { namesOffset + namesBytes }
    var fileBytes: Int { trailerOffset + RunTrailer.byteCount }
}

enum RunDigestKind {}
/// SHA-256 of a part of a run.
typealias RunDigest = Identifier<RunDigestKind>

/// The last bytes of a run: its shape, its repository and what the parts held in memory hash to.
struct RunTrailer {
    static let byteCount = 168
    private static let magic: UInt64 = 0x3230_4e55_5256_5256  // "VRVRUN02"

    var shape: RunShape
    var repository: RepositoryID
    var resident: RunDigest
    var names: RunDigest

    /// The encoded trailer and the digest that ends it, which stands for the whole run.
    func encode() -> (bytes: [UInt8], digest: RunDigest) {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        let digest = bytes.withUnsafeMutableBytes { buffer in
            let base = buffer.baseAddress!
            base.storeBytes(of: Self.magic.littleEndian, as: UInt64.self)
            for (index, path) in Self.counts.enumerated() {
                let count = shape[keyPath: path].littleEndian
                base.storeBytes(of: count, toByteOffset: 8 + index * 4, as: UInt32.self)
            }
            repository.write(to: base + 40)
            resident.write(to: base + 72)
            names.write(to: base + 104)
            let digest = RunDigest(hashing: UnsafeRawBufferPointer(rebasing: buffer[..<136]))
            digest.write(to: base + 136)
            return digest
        }
        return (bytes, digest)
    }

    /// Reads the trailer whose digest is `digest`; anything else is damage.
    init(decoding bytes: UnsafeRawBufferPointer, digest: RunDigest) throws(CatalogError) {
        guard bytes.count == Self.byteCount, let base = bytes.baseAddress,
            UInt64(littleEndian: base.loadUnaligned(as: UInt64.self)) == Self.magic,
            RunDigest(at: base + 136) == digest,
            RunDigest(hashing: UnsafeRawBufferPointer(rebasing: bytes[..<136])) == digest
        else { throw .damaged }
        shape = RunShape(chunksMax: 0, featuresMax: 0)
        for (index, path) in Self.counts.enumerated() {
            let count = base.loadUnaligned(fromByteOffset: 8 + index * 4, as: UInt32.self)
            shape[keyPath: path] = UInt32(littleEndian: count)
        }
        guard shape.chunkBuckets > 0, shape.featureBuckets > 0, shape.filterBlocks > 0 else {
            throw .damaged
        }
        repository = RepositoryID(at: base + 40)
        resident = RunDigest(at: base + 72)
        names = RunDigest(at: base + 104)
    }

    init(shape: RunShape, repository: RepositoryID, resident: RunDigest, names: RunDigest) {
        self.shape = shape
        self.repository = repository
        self.resident = resident
        self.names = names
    }

    private static var counts: [WritableKeyPath<RunShape, UInt32>] {
        [
            \.chunkCount, \.featureCount, \.chunkBuckets, \.featureBuckets, \.filterBlocks,
            \.packCount, \.segmentCount,
        ]
    }
}
