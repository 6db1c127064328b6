import CCrypto

/// The cost of one scrypt derivation; only acceptable values exist.
public struct ScryptParameters: Sendable, Equatable {
    /// CPU and memory cost, block size and parallelism, named as in RFC 7914.
    public let n: Int, r: Int, p: Int

    /// One derivation takes at most this much memory, plus the `p` blocks.
    public static let memoryBytesMax = 1 << 30

    /// Nil unless n is a power of two in 2...2^20, r in 1...32, p in 1...16 and n * r * 128 at
    /// most 1 GiB: the values may come from storage.
    public init?(n: Int, r: Int, p: Int) {
        guard (2...1 << 20).contains(n), n & (n - 1) == 0 else { return nil }
        guard (1...32).contains(r), (1...16).contains(p) else { return nil }
        guard n * r * 128 <= Self.memoryBytesMax else { return nil }
        self.n = n
        self.r = r
        self.p = p
    }
}

/// scrypt (RFC 7914).
public enum Scrypt {
    /// The longest key that one derivation gives.
    public static let outputBytesMax = 1024

    /// `byteCount` bytes from a passphrase; throws before it allocates when the cost is out of
    /// bounds.
    public static func derive(
        passphrase: UnsafeRawBufferPointer, salt: [UInt8], n: Int, r: Int, p: Int, byteCount: Int
    ) throws(CryptoError) -> SecretBytes {
        guard let parameters = ScryptParameters(n: n, r: r, p: p) else {
            throw .unacceptableParameters
        }
        return try derive(
            passphrase: passphrase, salt: salt, parameters: parameters, byteCount: byteCount)
    }

    /// `byteCount` bytes, at most `outputBytesMax`, from a passphrase.
    public static func derive(
        passphrase: UnsafeRawBufferPointer, salt: [UInt8], parameters: ScryptParameters,
        byteCount: Int
    ) throws(CryptoError) -> SecretBytes {
        guard (1...outputBytesMax).contains(byteCount) else { throw .tooLong(count: byteCount) }
        let (n, r, p) = (parameters.n, parameters.r, parameters.p)
        // What libcrypto counts against its limit: n + 2 working blocks and p results.
        let memoryBytes = UInt64(128 * r * (n + 2 + p))
        return try SecretBytes(byteCount: byteCount) { key throws(CryptoError) in
            let status = EVP_PBE_scrypt(
                // A null passphrase would mean "check the parameters only".
                passphrase.baseAddress ?? UnsafeRawPointer(key.baseAddress!), passphrase.count,
                salt, salt.count, UInt64(n), UInt64(r), UInt64(p), memoryBytes,
                key.baseAddress, key.count)
            try require(status, "EVP_PBE_scrypt")
        }
    }
}
