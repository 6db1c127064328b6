/// The cumulative checksum of a WAL and of the wal-index.
///
/// Source: https://www.sqlite.org/fileformat2.html#checksum_algorithm
struct WALChecksum: Equatable {
    var first: UInt32 = 0
    var second: UInt32 = 0

    /// Adds bytes, a multiple of 8 of them, as words of either byte order.
    mutating func add(_ bytes: UnsafeRawBufferPointer, isBigEndian: Bool) {
        var (first, second) = (first, second)
        for offset in stride(from: 0, to: bytes.count & ~7, by: 8) {
            var (a, b) = (
                bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self),
                bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            )
            if isBigEndian {
                (a, b) = (UInt32(bigEndian: a), UInt32(bigEndian: b))
            } else {
                (a, b) = (UInt32(littleEndian: a), UInt32(littleEndian: b))
            }
            first = first &+ a &+ second
            second = second &+ b &+ first
        }
        (self.first, self.second) = (first, second)
    }
}
