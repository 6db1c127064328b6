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
        let entries = try entries(of: bucket)
        let bytes = buffer.prepare(byteCount: entries.count * entryBytes)
        try run.file.readExactly(bytes, at: offset + entries.lowerBound * entryBytes)
        try check(bucket, UnsafeRawBufferPointer(bytes))
        buffer.accept(bucket, of: run.number, entryBytes: entryBytes, count: entries.count)
    }

    /// The buckets from `first` on whose entries take at most `bytesMax` together, at least one, and
    /// how many bytes that is.
    func buckets(
        from first: Int, bytesMax: Int
    ) throws(CatalogError) -> (buckets: Range<Int>, byteCount: Int) {
        var all = try entries(of: first)
        var next = first + 1
        while next < bucketCount {
            let end = try entries(of: next).upperBound
            guard (end - all.lowerBound) * entryBytes <= bytesMax else { break }
            all = all.lowerBound..<end
            next += 1
        }
        return (first..<next, all.count * entryBytes)
    }

    /// Reads buckets, one behind the other, into as many bytes as they take, and checks them.
    func load(
        _ buckets: Range<Int>, of run: Run, into bytes: UnsafeMutableRawBufferPointer
    ) throws(CatalogError) {
        let start = try entries(of: buckets.lowerBound).lowerBound
        try run.file.readExactly(bytes, at: offset + start * entryBytes)
        for bucket in buckets {
            let entries = try entries(of: bucket)
            let part = bytes[
                (entries.lowerBound - start) * entryBytes..<(entries.upperBound - start)
                    * entryBytes]
            try check(bucket, UnsafeRawBufferPointer(rebasing: part))
        }
    }

    private func entries(of bucket: Int) throws(CatalogError) -> Range<Int> {
        let start = Int(UInt32(truncatingIfNeeded: fence(bucket)))
        let end =
            bucket + 1 < bucketCount ? Int(UInt32(truncatingIfNeeded: fence(bucket + 1))) : count
        guard start <= end, end <= count else { throw .damaged }
        return start..<end
    }

    private func check(
        _ bucket: Int, _ bytes: UnsafeRawBufferPointer
    ) throws(CatalogError) {
        let digest = RunDigest(hashing: bytes)
        guard digest.short == UInt32(truncatingIfNeeded: fence(bucket) >> 32) else {
            throw .damaged
        }
    }

    private func fence(_ bucket: Int) -> UInt64 {
        UInt64(littleEndian: fences.load(fromByteOffset: bucket * 8, as: UInt64.self))
    }
}
