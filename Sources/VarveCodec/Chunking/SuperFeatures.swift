public import VarveFormat

extension SuperFeatures {
    /// A chunk with fewer samples has none.
    public static let samplesMin = 8
}

/// Two chunks that share a super-feature are likely to be alike (Shilane et al., "WAN-optimized
/// replication of backup datasets using stream-informed delta compression", 2012).
extension Gear {
    /// The super-features of the chunk `chunk` of the scanned buffer, from `samples` in order,
    /// among which may be others; nil when fewer than eight samples have their whole window in the
    /// chunk.
    ///
    /// With x the bits 16 to 47 of a sample's hash, `m[j]` is the least `x * A[j] + B[j]`
    /// (mod 2^32) of all samples at positions 63 and later in the chunk. Super-feature s is
    /// `mix(s, m[4 * s], ..., m[4 * s + 3])`: start with the 64-bit word h = s + 1; for each m in
    /// turn `h = (h ^ m) * 0x9E3779B97F4A7C15 (mod 2^64)`, then `h = h ^ (h >> 32)`; the result is
    /// the low 32 bits of h.
    public func superFeatures(
        _ samples: UnsafeBufferPointer<Sample>, chunk: Range<Int>
    ) -> SuperFeatures? {
        let first = firstIndex(in: samples, at: chunk.lowerBound + Self.windowBytes - 1)
        let end = firstIndex(in: samples, at: chunk.upperBound)
        guard end - first >= SuperFeatures.samplesMin else { return nil }
        let minima = coefficients.minima(UnsafeBufferPointer(rebasing: samples[first..<end]))
        return SuperFeatures(
            Self.mix(0, minima.0), Self.mix(1, minima.1), Self.mix(2, minima.2))
    }

    /// The index of the first sample at or after `position`.
    private func firstIndex(in samples: UnsafeBufferPointer<Sample>, at position: Int) -> Int {
        var (low, high) = (0, samples.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(samples[middle].position) < position {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private static func mix(_ number: UInt64, _ minima: SIMD4<UInt32>) -> UInt32 {
        var hash = number + 1
        for lane in 0..<4 {
            hash = (hash ^ UInt64(minima[lane])) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
        }
        return UInt32(truncatingIfNeeded: hash)
    }
}
