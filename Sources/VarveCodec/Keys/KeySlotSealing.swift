public import VarveCrypto
public import VarveFormat

/// A passphrase's scrypt cost: 128 MiB and about a third of a second.
private let passphraseCost = (n: 1 << 17, r: 8, p: 1)

/// The three values that one slot's secret gives.
private struct SlotKeys {
    private static let info = Array("varve/1 slot".utf8)
    private static let byteCount = AES256GCM.keyByteCount + AES256GCM.nonceByteCount + 32

    let derived: SecretBytes

    init(_ secret: SlotSecret, _ kdf: KeySlot.KDF) throws(CryptoError) {
        let root: SecretBytes =
            switch secret {
            case .keyFile(let bytes): bytes
            case .passphrase(let bytes):
                try bytes.withUnsafeBytes { passphrase throws(CryptoError) in
                    try Scrypt.derive(
                        passphrase: passphrase, salt: kdf.salt, n: kdf.n, r: kdf.r, p: kdf.p,
                        byteCount: 32)
                }
            }
        derived = try HKDFSHA256.derive(
            key: root, salt: kdf.salt, info: Self.info, byteCount: Self.byteCount)
    }

    var check: [UInt8] { derived.withUnsafeBytes { Array($0[44...]) } }

    func withKeyAndNonce<Answer>(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(CryptoError) -> Answer
    ) throws(CryptoError) -> Answer {
        try derived.withUnsafeBytes { bytes throws(CryptoError) in
            try body(
                UnsafeRawBufferPointer(rebasing: bytes[..<32]),
                UnsafeRawBufferPointer(rebasing: bytes[32..<44]))
        }
    }
}

extension KeySlot {
    /// A new slot that seals `key`, the 32-byte key-encryption key, under `secret`.
    public static func sealing(
        _ key: SecretBytes, under secret: SlotSecret, repository: RepositoryID, label: String,
        created: String
    ) throws(CryptoError) -> KeySlot {
        let salt = try SecureRandom.bytes(32)
        let kdf: KDF =
            switch secret {
            case .passphrase:
                KDF(
                    name: .scrypt, n: passphraseCost.n, r: passphraseCost.r, p: passphraseCost.p,
                    salt: salt)
            case .keyFile: KDF(name: .none, n: 0, r: 0, p: 0, salt: salt)
            }
        guard let id = SlotID(try SecureRandom.bytes(SlotID.byteCount)) else {
            throw .wrongLength(count: 0, expected: SlotID.byteCount)
        }
        let keys = try SlotKeys(secret, kdf)
        var slot = KeySlot(
            kind: secret.kind, id: id, repository: repository, created: created, label: label,
            kdf: kdf, keyCheck: keys.check, sealedKey: [])
        slot.sealedKey = try seal(key, keys, associated: slot.associated)
        slot.checksum = SHA256.digest(Array(slot.checksumText.utf8))
        return slot
    }

    /// Whether its checksum fits its content.
    public var isWhole: Bool { checksum == SHA256.digest(Array(checksumText.utf8)) }

    /// The key-encryption key.
    public func open(with secret: SlotSecret) throws(SlotError) -> SecretBytes {
        guard isWhole else {
            throw .damaged("its checksum does not fit its content")
        }
        guard secret.kind == kind else { throw .wrongKey }
        do throws(CryptoError) {
            let keys = try SlotKeys(secret, kdf)
            guard constantTimeEqual(keys.check, keyCheck) else { throw .authenticationFailed }
            return try Self.open(sealedKey, keys, associated: associated)
        } catch .authenticationFailed {
            throw .wrongKey
        } catch {
            throw .failed(error)
        }
    }

    private var associated: [UInt8] { repository.bytes + id.bytes + Array(kind.rawValue.utf8) }

    private static func seal(
        _ key: SecretBytes, _ keys: SlotKeys, associated: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        var cipher = try AES256GCMContext()
        var sealed = [UInt8](repeating: 0, count: key.count + AES256GCM.tagByteCount)
        try keys.withKeyAndNonce { cipherKey, nonce throws(CryptoError) in
            try key.withUnsafeBytes { plain throws(CryptoError) in
                try sealed.withUnsafeMutableBufferPointer { sealed throws(CryptoError) in
                    let target = UnsafeMutableRawPointer(sealed.baseAddress!)
                    try associated.span.withUnsafeBytes { associated throws(CryptoError) in
                        try cipher.seal(
                            key: cipherKey, nonce: nonce, associated: associated, plain: plain,
                            into: target, tag: target + plain.count)
                    }
                }
            }
        }
        return sealed
    }

    private static func open(
        _ sealed: [UInt8], _ keys: SlotKeys, associated: [UInt8]
    ) throws(CryptoError) -> SecretBytes {
        var cipher = try AES256GCMContext()
        let byteCount = AES256GCM.keyByteCount
        guard sealed.count == byteCount + AES256GCM.tagByteCount else {
            throw .wrongLength(count: sealed.count, expected: byteCount + AES256GCM.tagByteCount)
        }
        return try SecretBytes(byteCount: byteCount) { key throws(CryptoError) in
            try keys.withKeyAndNonce { cipherKey, nonce throws(CryptoError) in
                try sealed.span.withUnsafeBytes { sealed throws(CryptoError) in
                    try associated.span.withUnsafeBytes { associated throws(CryptoError) in
                        try cipher.open(
                            key: cipherKey, nonce: nonce, associated: associated,
                            cipher: UnsafeRawBufferPointer(rebasing: sealed[..<byteCount]),
                            tag: UnsafeRawBufferPointer(rebasing: sealed[byteCount...]),
                            into: key.baseAddress!)
                    }
                }
            }
        }
    }
}
