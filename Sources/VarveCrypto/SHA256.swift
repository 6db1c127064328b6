import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that lie together.
public enum SHA256 {
    public static let byteCount = 32

    /// Writes the 32-byte digest of `bytes` at `digest`, without allocating.
    public static func hash(_ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawPointer) {
        var context = SHA256_CTX()
        varve_sha256_init(&context)
        varve_sha256_update(&context, bytes.baseAddress, bytes.count)
        varve_sha256_final(&context, digest)
    }

    /// The 32-byte digest of `bytes`.
    public static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            hash(bytes, into: UnsafeMutableRawPointer(buffer.baseAddress!))
            count = byteCount
        }
    }

    /// The 32-byte digest of `bytes`.
    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { digest($0) }
    }
}

/// SHA-256 of bytes that arrive in pieces; it allocates nothing and can be used again and again.
public struct SHA256Context: ~Copyable, Sendable {
    private var state = SHA256_CTX()

    public init() { varve_sha256_init(&state) }

    /// Adds `bytes` to the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        varve_sha256_update(&state, bytes.baseAddress, bytes.count)
    }

    /// Writes the 32-byte digest of the message at `digest` and starts an empty message.
    public mutating func finish(into digest: UnsafeMutableRawPointer) {
        varve_sha256_final(&state, digest)
        varve_sha256_init(&state)
    }

    /// Forgets the message so far.
    public mutating func reset() { varve_sha256_init(&state) }
}
