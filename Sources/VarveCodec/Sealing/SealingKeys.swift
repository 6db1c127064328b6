import Synchronization
public import VarveCrypto
public import VarveFormat

/// The root keys that sealers and openers work with, and what binds units to their keyring.
///
/// Whoever shares them goes on with the new ones as soon as one of them knows of a rotation.
public final class SealingKeys: Sendable {
    /// Associated data of every unit: the keyring's id, or the repository's for keyrings.
    let context: [UInt8]
    private struct Roots {
        var keys: [EpochID: SecretBytes]
        var current: EpochID
    }
    private let roots: Mutex<Roots>

    /// For all units but keyrings.
    public init(_ keyring: Keyring) throws(CryptoError) {
        let keys = try Self.rootKeys(keyring.epochs.map { SecretBytes(copying: $0.rootKey) })
        guard let newest = keys.last else { throw .wrongLength(count: 0, expected: 1) }
        roots = Mutex(Roots(keys: Self.byEpoch(keys), current: newest.epoch))
        context = keyring.id.bytes
    }

    /// For keyrings, which the key-encryption key seals; `replaced` only open.
    public init(
        keyEncryptionKey key: SecretBytes, replaced: [SecretBytes] = [], repository: RepositoryID
    ) throws(CryptoError) {
        let keys = try Self.rootKeys([key] + replaced)
        roots = Mutex(Roots(keys: Self.byEpoch(keys), current: keys[0].epoch))
        context = repository.bytes
    }

    /// The epoch that seals.
    public var current: EpochID { roots.withLock { $0.current } }

    /// Opens what the epochs of `keyring` sealed from now on, and returns the one that would seal.
    public func admit(_ keyring: Keyring) throws(CryptoError) -> EpochID {
        let keys = try Self.rootKeys(keyring.epochs.map { SecretBytes(copying: $0.rootKey) })
        guard let newest = keys.last else { throw .wrongLength(count: 0, expected: 1) }
        roots.withLock { $0.keys.merge(Self.byEpoch(keys)) { known, _ in known } }
        return newest.epoch
    }

    /// Seals under an epoch that was admitted.
    public func seal(under epoch: EpochID) {
        roots.withLock { roots in
            precondition(roots.keys[epoch] != nil, "an epoch seals once it was admitted")
            roots.current = epoch
        }
    }

    func rootKey(_ epoch: EpochID) -> SecretBytes? { roots.withLock { $0.keys[epoch] } }

    /// The epoch that seals, and its key.
    var sealing: (epoch: EpochID, rootKey: SecretBytes?) {
        roots.withLock { ($0.current, $0.keys[$0.current]) }
    }

    private static func rootKeys(
        _ keys: [SecretBytes]
    ) throws(CryptoError) -> [(epoch: EpochID, rootKey: SecretBytes)] {
        try keys.map { key throws(CryptoError) in (try epochID(of: key), key) }
    }

    private static func byEpoch(
        _ keys: [(epoch: EpochID, rootKey: SecretBytes)]
    ) -> [EpochID: SecretBytes] {
        Dictionary(keys.map { ($0.epoch, $0.rootKey) }) { first, _ in first }
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
