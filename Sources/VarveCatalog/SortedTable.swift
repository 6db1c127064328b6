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
        guard !buffer.holds(bucket, of: run.number) else { return }
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

/// The bucket that was read last, kept for the next look at it.
struct BucketBuffer: ~Copyable {
    private var base = UnsafeMutableRawBufferPointer.allocate(byteCount: 8192, alignment: 8)
    /// The run and the bucket held, run 0 when none is.
    private var run: UInt64 = 0
    private var bucket = 0
    private var entryBytes = 1
    /// How many entries the bucket has.
    private(set) var count = 0

    deinit { base.deallocate() }

    func holds(_ bucket: Int, of run: UInt64) -> Bool { self.run == run && self.bucket == bucket }

    /// Room for a bucket that is yet to be accepted.
    mutating func prepare(byteCount: Int) -> UnsafeMutableRawBufferPointer {
        run = 0
        if base.count < byteCount {
            base.deallocate()
            base = .allocate(byteCount: byteCount, alignment: 8)
        }
        return UnsafeMutableRawBufferPointer(rebasing: base[..<byteCount])
    }

    mutating func accept(_ bucket: Int, of run: UInt64, entryBytes: Int, count: Int) {
        (self.run, self.bucket) = (run, bucket)
        (self.entryBytes, self.count) = (entryBytes, count)
    }

    subscript(index: Int) -> UnsafeRawPointer {
        UnsafeRawPointer(base.baseAddress! + index * entryBytes)
    }

    /// The first entry whose leading eight bytes are not below `key`.
    func lowerBound(_ key: UInt64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if UInt64(bigEndian: self[middle].loadUnaligned(as: UInt64.self)) < key {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
