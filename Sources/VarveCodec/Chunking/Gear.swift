public import VarveCrypto

/// The secret numbers of one repository's chunker.
///
/// The Gear hash of position i of a stream is `H(i) = sum over k in 0...min(i, 63) of
/// T[byte(i - k)] << k (mod 2^64)`: a function of the 64 bytes that end there, and of nothing else
/// (Gear: Xia et al., "Ddelta", 2014). `T` is HKDF-SHA-256-Expand(secret, "varve/1 gear", 2048) as
/// 256 little-endian words. `A[j]` and `B[j]` for j in 0..<12 are HKDF-SHA-256-Expand(secret,
/// "varve/1 features", 96): for each j four little-endian bytes of A, whose lowest bit is then
/// set, and four of B.
public final class Gear: @unchecked Sendable {
    // Unchecked: the numbers are written in `init` only and freed in `deinit` only.
    private let storage: UnsafeMutableRawBufferPointer
    let coefficients: FeatureCoefficients

    /// A position whose hash lies below is a sample, 1 in 128; every possible cut is one.
    static let sampleBound: UInt64 = 1 << 57
    /// The bytes that a hash depends on.
    public static let windowBytes = 64
    /// The length of the chunker's secret.
    public static let secretByteCount = 32

    private static let tableByteCount = 256 * 8
    private static let cacheLineBytes = 64

    /// Throws unless `secret` is 32 bytes.
    public init(secret: [UInt8]) throws(CryptoError) {
        guard secret.count == Self.secretByteCount else {
            throw .wrongLength(count: secret.count, expected: Self.secretByteCount)
        }
        let key = SecretBytes(copying: secret)
        coefficients = try FeatureCoefficients(secret: key)
        let storage = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.tableByteCount, alignment: Self.cacheLineBytes)
        self.storage = storage
        try key.withUnsafeBytes { key throws(CryptoError) in
            try HKDFSHA256.expand(key: key, info: Array("varve/1 gear".utf8), into: storage)
        }
        let words = storage.bindMemory(to: UInt64.self)
        for index in words.indices { words[index] = UInt64(littleEndian: words[index]) }
    }

    deinit {
        wipe(storage)
        storage.deallocate()
    }

    /// 256 words, aligned to a cache line, valid as long as this object.
    var table: UnsafePointer<UInt64> {
        UnsafePointer(storage.baseAddress!.assumingMemoryBound(to: UInt64.self))
    }
}
