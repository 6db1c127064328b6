import VarveSystem

/// Writes the entries of a `SortedTable`, which come sorted by key, and notes its fences.
struct SortedTableWriter: ~Copyable {
    private let entryBytes: Int
    private let fences: UnsafeMutableRawPointer
    private let bucketCount: Int
    private var bucket = 0
    private var bucketStart = 0
    private var bytes: [UInt8] = []
    private(set) var count = 0

    /// `fences` has room for eight bytes a bucket.
    init(entryBytes: Int, fences: UnsafeMutableRawPointer, bucketCount: Int) {
        self.entryBytes = entryBytes
        self.fences = fences
        self.bucketCount = bucketCount
    }

    mutating func append(
        _ entry: UnsafeRawPointer, key: UInt64, to sink: inout FileSink
    ) throws(SystemError) {
        let target = Int(key.multipliedFullWidth(by: UInt64(bucketCount)).high)
        while bucket < target { try closeBucket(to: &sink) }
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: entry, count: entryBytes))
        count += 1
    }

    /// Closes all buckets that are still open.
    mutating func finish(to sink: inout FileSink) throws(SystemError) {
        while bucket < bucketCount { try closeBucket(to: &sink) }
    }

    private mutating func closeBucket(to sink: inout FileSink) throws(SystemError) {
        let digest = bytes.withUnsafeBytes { RunDigest(hashing: $0) }
        let fence = UInt64(bucketStart) | UInt64(digest.short) << 32
        fences.storeBytes(of: fence.littleEndian, toByteOffset: bucket * 8, as: UInt64.self)
        try sink.write(bytes)
        bytes.removeAll(keepingCapacity: true)
        bucketStart = count
        bucket += 1
    }
}
