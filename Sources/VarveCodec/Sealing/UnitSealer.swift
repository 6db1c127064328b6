public import VarveCrypto
public import VarveFormat

/// Seals and opens units in place, with one reused cipher context.
public struct UnitSealer: ~Copyable {
    private let keys: SealingKeys
    private var cipher: AES256GCMContext

    public init(_ keys: SealingKeys) throws(CryptoError) {
        self.keys = keys
        cipher = try AES256GCMContext()
    }

    /// Seals the body that stands at byte 64 of `unit`, writing header and tag around it.
    ///
    /// `digest` is a SHA-256 that determines the body, so that no salt repeats for two bodies even
    /// where the machine's randomness does (a cloned virtual machine).
    public mutating func seal(
        _ kind: UnitKind, _ unit: UnsafeMutableRawBufferPointer, digest: [UInt8],
        place: LogPlace? = nil
    ) throws(CryptoError) {
        let bodyBytes = unit.count - UnitHeader.overhead
        let (epoch, key) = keys.sealing
        guard bodyBytes >= 0, bodyBytes <= kind.bodyLimit, let rootKey = key
        else { throw .tooLong(count: unit.count) }
        let salt = try HMACSHA256.authenticate(
            key: rootKey, try SecureRandom.bytes(UnitHeader.saltBytes), digest)
        let header = UnitHeader(kind: kind, bodyBytes: bodyBytes, epoch: epoch, salt: salt)
        unit.copyBytes(from: header.encoded)
        let derived = try Self.derive(rootKey, kind: kind, salt: salt)
        let associated = associated(header, place)
        let body = UnsafeRawBufferPointer(
            rebasing: unit[UnitHeader.byteCount..<UnitHeader.byteCount + bodyBytes])
        let target = unit.baseAddress! + UnitHeader.byteCount
        try derived.withUnsafeBytes { derived throws(CryptoError) in
            try associated.span.withUnsafeBytes { associated throws(CryptoError) in
                try cipher.seal(
                    key: Self.key(derived), nonce: Self.nonce(derived), associated: associated,
                    plain: body, into: target, tag: target + bodyBytes)
            }
        }
    }

    /// Opens the unit in place and returns its body, which lies within it.
    ///
    /// Throws unless it is a whole unit of this kind, sealed for this keyring and this place.
    public mutating func open(
        _ kind: UnitKind, _ unit: UnsafeMutableRawBufferPointer, place: LogPlace? = nil
    ) throws(SealError) -> UnsafeMutableRawBufferPointer {
        let header = try Self.header(of: unit, kind)
        guard let rootKey = keys.rootKey(header.epoch) else { throw .unknownEpoch(header.epoch) }
        let start = UnitHeader.byteCount
        let body = UnsafeMutableRawBufferPointer(
            rebasing: unit[start..<start + header.bodyBytes])
        let tag = UnsafeRawBufferPointer(rebasing: unit[(start + header.bodyBytes)...])
        let associated = associated(header, place)
        do throws(CryptoError) {
            let derived = try Self.derive(rootKey, kind: kind, salt: header.salt)
            try derived.withUnsafeBytes { derived throws(CryptoError) in
                try associated.span.withUnsafeBytes { associated throws(CryptoError) in
                    try cipher.open(
                        key: Self.key(derived), nonce: Self.nonce(derived), associated: associated,
                        cipher: UnsafeRawBufferPointer(body), tag: tag,
                        into: unit.baseAddress! + start)
                }
            }
        } catch .authenticationFailed {
            throw .damaged("it is damaged, or was tampered with")
        } catch {
            throw .failed(error)
        }
        return body
    }

    private static func header(
        of unit: UnsafeMutableRawBufferPointer, _ kind: UnitKind
    ) throws(SealError) -> UnitHeader {
        let header: UnitHeader
        do throws(FormatError) {
            header = try UnitHeader(UnsafeRawBufferPointer(unit))
        } catch {
            throw .damaged(error.description)
        }
        guard header.kind == kind else { throw .damaged("it is a unit of another kind") }
        guard header.bodyBytes + UnitHeader.overhead == unit.count else {
            throw .damaged("its length is not the one it states")
        }
        return header
    }

    private func associated(_ header: UnitHeader, _ place: LogPlace?) -> [UInt8] {
        header.encoded + keys.context + (place?.context ?? [])
    }

    private static let keyBytes = AES256GCM.keyByteCount
    private static let derivedBytes = AES256GCM.keyByteCount + AES256GCM.nonceByteCount
    private static let info = Array("varve/1 unit".utf8)

    private static func derive(
        _ rootKey: SecretBytes, kind: UnitKind, salt: [UInt8]
    ) throws(CryptoError) -> SecretBytes {
        try HKDFSHA256.derive(
            key: rootKey, salt: salt, info: info + [kind.rawValue], byteCount: derivedBytes)
    }

    private static func key(_ derived: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: derived[..<keyBytes])
    }

    private static func nonce(_ derived: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: derived[keyBytes...])
    }
}

extension UnitSealer {
    /// A sealed unit around `body`.
    public mutating func seal(
        _ kind: UnitKind, body: [UInt8], place: LogPlace? = nil
    ) throws(CryptoError) -> [UInt8] {
        let digest = SHA256.digest(body)
        var unit = [UInt8](repeating: 0, count: UnitHeader.byteCount)
        unit.reserveCapacity(body.count + UnitHeader.overhead)
        unit.append(contentsOf: body)
        unit.append(contentsOf: repeatElement(0, count: UnitHeader.tagBytes))
        try unit.withUnsafeMutableBufferPointer { unit throws(CryptoError) in
            try seal(kind, UnsafeMutableRawBufferPointer(unit), digest: digest, place: place)
        }
        return unit
    }

    /// The body of a sealed unit.
    public mutating func open(
        _ kind: UnitKind, _ unit: [UInt8], place: LogPlace? = nil
    ) throws(SealError) -> [UInt8] {
        var unit = unit
        let range = try unit.withUnsafeMutableBufferPointer { unit throws(SealError) in
            try open(kind, UnsafeMutableRawBufferPointer(unit), place: place).count
        }
        return Array(unit[UnitHeader.byteCount..<UnitHeader.byteCount + range])
    }
}
