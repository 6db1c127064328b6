import Glibc

/// Tells data that compression would not make smaller, at a fraction of the cost of trying.
public enum Incompressible {
    /// The bytes looked at are slices of this length, this far apart.
    private static let sliceBytes = 512
    private static let strideBytes = 8 << 10
    /// Below this many bytes trying costs less than looking.
    private static let bytesMin = 16 << 10
    /// Bits in a byte from which a slice sample counts as noise.
    private static let noiseBits = 7.8

    /// Whether a sample of `bytes` has the order-0 entropy of noise.
    public static func looksLikeNoise(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= bytesMin else { return false }
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            var total = 0
            var start = 0
            while start + sliceBytes <= bytes.count {
                for index in start..<start + sliceBytes { counts[Int(bytes[index])] += 1 }
                total += sliceBytes
                start += strideBytes
            }
            return entropy(counts, total) >= threshold(total)
        }
    }

    /// Noise falls short of 8 bits in a small sample (Miller's bias, 255 / (2 n ln 2) bits).
    private static func threshold(_ count: Int) -> Double {
        noiseBits - 255 / (2 * Double(count) * log(2))
    }

    private static func entropy(
        _ counts: UnsafeMutableBufferPointer<UInt32>, _ total: Int
    ) -> Double {
        var sum = 0.0
        for count in counts where count > 0 { sum += Double(count) * log2(Double(count)) }
        return log2(Double(total)) - sum / Double(total)
    }
}
