import CCrypto

/// HMAC with SHA-256 (RFC 2104).
public enum HMACSHA256 {
    public static let byteCount = 32

    /// The 32-byte code of the joined `parts`.
    public static func authenticate(
        key: SecretBytes, _ parts: [UInt8]...
    ) throws(CryptoError) -> [UInt8] {
        try key.withUnsafeBytes { key throws(CryptoError) in
            try authenticate(key: key, joining: parts)
        }
    }

    /// The 32-byte code of the joined `parts`.
    public static func authenticate(
        key: UnsafeRawBufferPointer, _ parts: [UInt8]...
    ) throws(CryptoError) -> [UInt8] {
        try authenticate(key: key, joining: parts)
    }

    static func authenticate(
        key: UnsafeRawBufferPointer, joining parts: [[UInt8]]
    ) throws(CryptoError) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: byteCount)
        try code.withUnsafeMutableBufferPointer { code throws(CryptoError) in
            try authenticate(key: key, joining: parts, into: code.baseAddress!)
        }
        return code
    }

    /// Writes the 32-byte code of the joined `parts` at `code`.
    static func authenticate(
        key: UnsafeRawBufferPointer, joining parts: [[UInt8]], into code: UnsafeMutableRawPointer
    ) throws(CryptoError) {
        guard let context = EVP_MAC_CTX_dup(prepared.context) else { throw .failed("EVP_MAC") }
        defer { EVP_MAC_CTX_free(context) }
        // A null key would mean "the key of before", so an empty key needs an address too.
        var nothing: UInt8 = 0
        let started = withUnsafePointer(to: &nothing) { nothing in
            let address = key.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? nothing
            return EVP_MAC_init(context, address, key.count, nil)
        }
        try require(started, "EVP_MAC_init")
        for part in parts {
            try require(EVP_MAC_update(context, part, part.count), "EVP_MAC_update")
        }
        var written = 0
        let output = code.assumingMemoryBound(to: UInt8.self)
        try require(EVP_MAC_final(context, output, &written, byteCount), "EVP_MAC_final")
    }

    // Looking an algorithm up by name costs more than a short message, so it is done once.
    private static let prepared = PreparedMAC()
}

/// A context that knows its algorithm and digest but no key; it is only ever duplicated.
private struct PreparedMAC: @unchecked Sendable {
    /// Nil when libcrypto has no HMAC; duplicating it then fails.
    let context: OpaquePointer?

    init() {
        let algorithm = EVP_MAC_fetch(nil, "HMAC", nil)
        defer { EVP_MAC_free(algorithm) }
        guard let algorithm, let fresh = EVP_MAC_CTX_new(algorithm) else {
            context = nil
            return
        }
        var name = Array("SHA256".utf8CString)
        let status = name.withUnsafeMutableBufferPointer { name in
            let parameters = [
                OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.baseAddress, 0),
                OSSL_PARAM_construct_end(),
            ]
            return EVP_MAC_CTX_set_params(fresh, parameters)
        }
        guard status == 1 else {
            EVP_MAC_CTX_free(fresh)
            context = nil
            return
        }
        context = fresh
    }
}
