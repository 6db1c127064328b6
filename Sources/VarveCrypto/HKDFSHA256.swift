/// HKDF with SHA-256 (RFC 5869).
public enum HKDFSHA256 {
    /// The most that one key expands to.
    public static let outputBytesMax = 255 * HMACSHA256.byteCount

    /// The 32-byte pseudorandom key in `key`; an empty `salt` stands for 32 zeros.
    public static func extract(
        salt: [UInt8], key: UnsafeRawBufferPointer
    ) throws(CryptoError) -> SecretBytes {
        try SecretBytes(byteCount: HMACSHA256.byteCount) { output throws(CryptoError) in
            var message = [UInt8](key)
            defer { message.withUnsafeMutableBytes { wipe($0) } }
            try salt.withUnsafeBufferPointer { salt throws(CryptoError) in
                try HMACSHA256.authenticate(
                    key: UnsafeRawBufferPointer(salt), joining: [message],
                    into: output.baseAddress!)
            }
        }
    }

    /// Fills `output`, at most `outputBytesMax` bytes, from a pseudorandom key.
    public static func expand(
        key: UnsafeRawBufferPointer, info: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        guard output.count <= outputBytesMax else { throw .tooLong(count: output.count) }
        var block: [UInt8] = []
        defer { block.withUnsafeMutableBytes { wipe($0) } }
        var position = 0
        var counter: UInt8 = 1
        while position < output.count {
            var next = try HMACSHA256.authenticate(key: key, joining: [block, info, [counter]])
            swap(&block, &next)
            next.withUnsafeMutableBytes { wipe($0) }
            let count = min(block.count, output.count - position)
            UnsafeMutableRawBufferPointer(rebasing: output[position...])
                .copyBytes(from: block[..<count])
            position += count
            counter &+= 1
        }
    }

    /// `byteCount` bytes, at most `outputBytesMax`, from a pseudorandom key.
    public static func expand(
        key: UnsafeRawBufferPointer, info: [UInt8], byteCount: Int
    ) throws(CryptoError) -> SecretBytes {
        guard byteCount <= outputBytesMax else { throw .tooLong(count: byteCount) }
        return try SecretBytes(byteCount: byteCount) { output throws(CryptoError) in
            try expand(key: key, info: info, into: output)
        }
    }

    /// `byteCount` bytes, at most `outputBytesMax`, for the purpose `info` from any key.
    public static func derive(
        key: SecretBytes, salt: [UInt8], info: [UInt8], byteCount: Int
    ) throws(CryptoError) -> SecretBytes {
        try key.withUnsafeBytes { key throws(CryptoError) in
            try derive(key: key, salt: salt, info: info, byteCount: byteCount)
        }
    }

    /// `byteCount` bytes, at most `outputBytesMax`, for the purpose `info` from any key.
    public static func derive(
        key: UnsafeRawBufferPointer, salt: [UInt8], info: [UInt8], byteCount: Int
    ) throws(CryptoError) -> SecretBytes {
        try extract(salt: salt, key: key).withUnsafeBytes { extracted throws(CryptoError) in
            try expand(key: extracted, info: info, byteCount: byteCount)
        }
    }
}
