/// Entries of one length in a run, sorted by an eight-byte key and split into buckets.
///
/// A bucket is chosen by the leading bits of the key. Its fence, in memory, is the ordinal of its
/// first entry and four bytes of the SHA-256 of its entries.
struct SortedTable {
    /// Where the first entry lies in the run, in bytes.
    let offset: Int
    let entryBytes: Int
    let count: Int
    /// `bucketCount` little-endian words: ordinal in the low half, digest in the high half.
    let fences: UnsafeRawPointer
    let bucketCount: Int

    func bucket(of key: UInt64) -> Int {
        Int(key.multipliedFullWidth(by: UInt64(bucketCount)).high)
    }

    /// Reads a bucket into `buffer`, unless it holds it, and checks it.
    func load(_ bucket: Int, of run: Run, into buffer: inout BucketBuffer) throws(CatalogError) {
        guard !buffer.select(bucket, of: run.number) else { return }
        let fence = fence(bucket)
        let start = Int(UInt32(truncatingIfNeeded: fence))
        let end =
            bucket + 1 < bucketCount
            ? Int(UInt32(truncatingIfNeeded: self.fence(bucket + 1))) : count
        guard start <= end, end <= count else { throw .damaged }
        let bytes = buffer.prepare(byteCount: (end - start) * entryBytes)
        try run.file.readExactly(bytes, at: offset + start * entryBytes)
        let digest = RunDigest(hashing: UnsafeRawBufferPointer(bytes))
        guard digest.short == UInt32(truncatingIfNeeded: fence >> 32) else { throw .damaged }
        buffer.accept(bucket, of: run.number, entryBytes: entryBytes, count: end - start)
    }

    private func fence(_ bucket: Int) -> UInt64 {
        UInt64(littleEndian: fences.load(fromByteOffset: bucket * 8, as: UInt64.self))
    }
}
