import VarveCrypto

/// The twelve linear functions `x * A[j] + B[j] (mod 2^32)` of a repository's super-features, four
/// to a vector.
struct FeatureCoefficients: Sendable {
    private var factors = (SIMD4<UInt32>(), SIMD4<UInt32>(), SIMD4<UInt32>())
    private var addends = (SIMD4<UInt32>(), SIMD4<UInt32>(), SIMD4<UInt32>())

    init(secret: SecretBytes) throws(CryptoError) {
        let derived = try secret.withUnsafeBytes { secret throws(CryptoError) in
            try HKDFSHA256.expand(
                key: secret, info: Array("varve/1 features".utf8), byteCount: 3 * 4 * 8)
        }
        derived.withUnsafeBytes { bytes in
            (factors.0, addends.0) = Self.read(bytes, group: 0)
            (factors.1, addends.1) = Self.read(bytes, group: 1)
            (factors.2, addends.2) = Self.read(bytes, group: 2)
        }
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, group: Int
    ) -> (factors: SIMD4<UInt32>, addends: SIMD4<UInt32>) {
        var (factors, addends) = (SIMD4<UInt32>(), SIMD4<UInt32>())
        for lane in 0..<4 {
            let offset = (group * 4 + lane) * 8
            let factor = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            let addend = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            factors[lane] = UInt32(littleEndian: factor) | 1
            addends[lane] = UInt32(littleEndian: addend)
        }
        return (factors, addends)
    }

    /// The least value of each function over bits 16 to 47 of the samples' hashes.
    func minima(
        _ samples: UnsafeBufferPointer<Sample>
    ) -> (SIMD4<UInt32>, SIMD4<UInt32>, SIMD4<UInt32>) {
        let (factors, addends) = (factors, addends)
        var a = SIMD4<UInt32>(repeating: .max)
        var b = a
        var c = a
        for sample in samples {
            let x = SIMD4<UInt32>(repeating: UInt32(truncatingIfNeeded: sample.hash >> 16))
            let valueA = x &* factors.0 &+ addends.0
            let valueB = x &* factors.1 &+ addends.1
            let valueC = x &* factors.2 &+ addends.2
            a.replace(with: valueA, where: valueA .< a)
            b.replace(with: valueB, where: valueB .< b)
            c.replace(with: valueC, where: valueC .< c)
        }
        return (a, b, c)
    }
}
