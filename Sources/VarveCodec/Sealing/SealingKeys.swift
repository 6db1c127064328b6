public import VarveCrypto
public import VarveFormat

/// The root keys that one sealer or opener works with, and what binds units to their keyring.
public struct SealingKeys: Sendable {
    /// Associated data of every unit: the keyring's id, or the repository's for keyrings.
    let context: [UInt8]
    let rootKeys: [EpochID: SecretBytes]
    /// The epoch that seals.
    public let current: EpochID

    /// For all units but keyrings.
    public init(_ keyring: Keyring) throws(CryptoError) {
        var rootKeys: [EpochID: SecretBytes] = [:]
        var newest: EpochID?
        for epoch in keyring.epochs {
            let key = SecretBytes(copying: epoch.rootKey)
            let id = try Self.epochID(of: key)
            rootKeys[id] = key
            newest = id
        }
        guard let newest else { throw .wrongLength(count: 0, expected: 1) }
        self.rootKeys = rootKeys
        current = newest
        context = keyring.id.bytes
    }

    /// For keyrings, which the key-encryption key seals.
    public init(keyEncryptionKey key: SecretBytes, repository: RepositoryID) throws(CryptoError) {
        current = try Self.epochID(of: key)
        rootKeys = [current: key]
        context = repository.bytes
    }

    private static func epochID(of rootKey: SecretBytes) throws(CryptoError) -> EpochID {
        let code = try HMACSHA256.authenticate(key: rootKey, Array("varve/1 epoch".utf8))
        guard let id = EpochID(code.prefix(EpochID.byteCount)) else {
            throw .wrongLength(count: code.count, expected: EpochID.byteCount)
        }
        return id
    }
}

/// Where in the log a record or a state belongs; no other unit has a place.
public struct LogPlace: Sendable {
    let context: [UInt8]

    public init(repository: RepositoryID, number: UInt64) {
        var writer = ByteWriter(reserving: 40)
        writer.write(repository)
        writer.write(number)
        context = writer.bytes
    }
}

/// Why a unit did not open.
public enum SealError: Error, Sendable, Equatable {
    /// It is damaged, or someone changed it: the two cannot be told apart.
    case damaged(String)
    /// It was sealed under an epoch that the keyring at hand does not hold.
    case unknownEpoch(EpochID)
    /// The cryptographic library itself failed.
    case failed(CryptoError)
}

extension SealError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .damaged(let reason): reason
        case .unknownEpoch: "it is sealed with a key that this keyring does not hold"
        case .failed(let error): error.description
        }
    }
}
