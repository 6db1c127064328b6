import CCrypto

/// The lengths of AES-256-GCM (NIST SP 800-38D).
public enum AES256GCM {
    public static let keyByteCount = 32
    public static let nonceByteCount = 12
    public static let tagByteCount = 16
}

/// AES-256-GCM with one reused cipher context; the key schedule in it is wiped on deinit.
public struct AES256GCMContext: ~Copyable, @unchecked Sendable {
    // Unchecked: the only owner of the context, which belongs to no thread.
    private let context: OpaquePointer

    public init() throws(CryptoError) {
        guard let context = EVP_CIPHER_CTX_new() else { throw .failed("EVP_CIPHER_CTX_new") }
        let status = EVP_CipherInit_ex2(context, FetchedCipher.shared.cipher, nil, nil, 1, nil)
        guard status == 1 else {
            let error = CryptoError.failed("EVP_CipherInit_ex2")
            EVP_CIPHER_CTX_free(context)
            throw error
        }
        self.context = context
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Writes as many bytes as `plain` has at `cipher` and 16 bytes at `tag`.
    ///
    /// `cipher` may be the address of `plain` itself. A nonce must never repeat under one key.
    public mutating func seal(
        key: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
        associated: UnsafeRawBufferPointer, plain: UnsafeRawBufferPointer,
        into cipher: UnsafeMutableRawPointer, tag: UnsafeMutableRawPointer
    ) throws(CryptoError) {
        try start(key: key, nonce: nonce, sealing: true)
        try authenticate(associated)
        try transform(plain, into: cipher)
        try finish(after: cipher + plain.count)
        let tagByteCount = Int32(AES256GCM.tagByteCount)
        try require(
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tagByteCount, tag), "GCM tag")
    }

    /// Writes as many bytes as `cipher` has at `plain`; after any error these are zeros.
    ///
    /// `plain` may be the address of `cipher` itself. Throws `.authenticationFailed` when key,
    /// nonce, associated data, bytes and tag do not belong together.
    public mutating func open(
        key: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
        associated: UnsafeRawBufferPointer, cipher: UnsafeRawBufferPointer,
        tag: UnsafeRawBufferPointer, into plain: UnsafeMutableRawPointer
    ) throws(CryptoError) {
        do {
            try decipher(
                key: key, nonce: nonce, associated: associated, cipher: cipher, tag: tag,
                into: plain)
        } catch {
            wipe(UnsafeMutableRawBufferPointer(start: plain, count: cipher.count))
            throw error
        }
    }

    private func decipher(
        key: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
        associated: UnsafeRawBufferPointer, cipher: UnsafeRawBufferPointer,
        tag: UnsafeRawBufferPointer, into plain: UnsafeMutableRawPointer
    ) throws(CryptoError) {
        try expect(tag, count: AES256GCM.tagByteCount)
        try start(key: key, nonce: nonce, sealing: false)
        try authenticate(associated)
        try transform(cipher, into: plain)
        // The call takes a mutable pointer for its other uses; for this one it only copies.
        let expected = UnsafeMutableRawPointer(mutating: tag.baseAddress!)
        try require(
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), expected),
            "GCM tag")
        do {
            try finish(after: plain + cipher.count)
        } catch {
            throw .authenticationFailed
        }
    }

    private func start(
        key: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer, sealing: Bool
    ) throws(CryptoError) {
        try expect(key, count: AES256GCM.keyByteCount)
        try expect(nonce, count: AES256GCM.nonceByteCount)
        // No cipher given: the one from `init` stays, and nothing is allocated.
        let status = EVP_CipherInit_ex2(
            context, nil, key.baseAddress!.assumingMemoryBound(to: UInt8.self),
            nonce.baseAddress!.assumingMemoryBound(to: UInt8.self), sealing ? 1 : 0, nil)
        try require(status, "EVP_CipherInit_ex2")
    }

    private func authenticate(_ associated: UnsafeRawBufferPointer) throws(CryptoError) {
        try update(associated, into: nil)
    }

    private func transform(
        _ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer
    ) throws(CryptoError) {
        try update(bytes, into: output.assumingMemoryBound(to: UInt8.self))
    }

    private func update(
        _ bytes: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>?
    ) throws(CryptoError) {
        guard let count = Int32(exactly: bytes.count) else { throw .tooLong(count: bytes.count) }
        guard count > 0, let address = bytes.baseAddress else { return }
        var written: Int32 = 0
        let input = address.assumingMemoryBound(to: UInt8.self)
        try require(
            EVP_CipherUpdate(context, output, &written, input, count), "EVP_CipherUpdate")
    }

    /// GCM writes no last block; the address is only where one would go.
    private func finish(after output: UnsafeMutableRawPointer) throws(CryptoError) {
        var written: Int32 = 0
        let address = output.assumingMemoryBound(to: UInt8.self)
        try require(EVP_CipherFinal_ex(context, address, &written), "EVP_CipherFinal")
    }

    private func expect(_ bytes: UnsafeRawBufferPointer, count: Int) throws(CryptoError) {
        guard bytes.count == count else {
            throw .wrongLength(count: bytes.count, expected: count)
        }
    }
}

/// Looked up once: a lookup by name costs more than sealing a kilobyte.
private struct FetchedCipher: @unchecked Sendable {
    static let shared = FetchedCipher()

    /// Nil when libcrypto has no AES-256-GCM; initialising a context then fails.
    let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
}
