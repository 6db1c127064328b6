import CCrypto

/// The system's cryptographic randomness, through libcrypto's generator.
public enum SecureRandom {
    /// Fills `bytes` with random bytes.
    public static func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        guard let address = bytes.baseAddress else { return }
        guard let count = Int32(exactly: bytes.count) else { throw .tooLong(count: bytes.count) }
        try require(RAND_bytes(address.assumingMemoryBound(to: UInt8.self), count), "RAND_bytes")
    }

    /// `count` random bytes.
    public static func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBufferPointer { buffer throws(CryptoError) in
            try fill(UnsafeMutableRawBufferPointer(buffer))
        }
        return bytes
    }
}
