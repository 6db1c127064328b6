import Synchronization
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage

/// The keys of an open repository: those of the keyring that the log says is in force, and of all
/// others under the same key-encryption key.
final class OpenKeys: Sendable {
    /// One keyring that opened.
    private struct Found {
        var keyring: Keyring
        /// The epoch that seals while it is in force.
        var epoch: EpochID
        var keyEncryptionKey: SecretBytes
    }

    private struct Held {
        /// One, but while it is replaced.
        var keyEncryptionKeys: [SecretBytes]
        var found: [KeyringObjectID: Found] = [:]
        /// Under other keys: not asked for again.
        var foreign: Set<KeyringObjectID> = []
        var inForce: KeyringObjectID?
        var slot: SlotID
    }

    let storage: any Storage
    let repository: RepositoryID
    /// Shared by all that seal and open.
    let sealing: SealingKeys
    private let keyring: KeyringID
    private let held: Mutex<Held>

    /// The keys of `keyrings`, all of one id; none is in force yet.
    init?(
        storage: any Storage, repository: RepositoryID, slot: SlotID,
        keyEncryptionKey: SecretBytes, keyrings: [KeyringObjectID: Keyring]
    ) throws {
        guard let first = keyrings.values.first else { return nil }
        self.storage = storage
        self.repository = repository
        keyring = first.id
        sealing = try SealingKeys(first)
        held = Mutex(Held(keyEncryptionKeys: [keyEncryptionKey], slot: slot))
        for (object, keyring) in keyrings { try admit(object, keyring, keyEncryptionKey) }
    }

    /// The slot that the repository was opened with, or the one that took its place.
    var slot: SlotID {
        get { held.withLock { $0.slot } }
        set { held.withLock { $0.slot = newValue } }
    }

    /// The keyring in force, its object, and the key-encryption key that it is under.
    var inForce: (object: KeyringObjectID, keyring: Keyring, keyEncryptionKey: SecretBytes) {
        held.withLock { held in
            guard let object = held.inForce, let found = held.found[object] else {
                preconditionFailure("an open repository has a keyring in force")
            }
            return (object, found.keyring, found.keyEncryptionKey)
        }
    }

    /// Opens keyrings under one more key-encryption key from now on.
    func admit(_ keyEncryptionKey: SecretBytes) {
        held.withLock { $0.keyEncryptionKeys.append(keyEncryptionKey) }
    }

    private func admit(
        _ object: KeyringObjectID, _ keyring: Keyring, _ key: SecretBytes
    ) throws {
        // One of another repository with the same key, or of a creation that came second.
        guard keyring.id == self.keyring else { return }
        let epoch = try sealing.admit(keyring)
        held.withLock {
            $0.found[object] = Found(keyring: keyring, epoch: epoch, keyEncryptionKey: key)
        }
    }

    /// Reads the keyring that a record names, unless it is known.
    ///
    /// Throws `.keysReplaced` when it is under another key-encryption key.
    func load(_ object: KeyringObjectID) throws {
        let (isKnown, keys) = held.withLock { ($0.found[object] != nil, $0.keyEncryptionKeys) }
        guard !isKnown else { return }
        var failure = RepositoryError.keysReplaced(object: ObjectName.keyring(object))
        for key in keys {
            do {
                let keyring = try keyrings(under: key).keyring(object)
                guard keyring.id == self.keyring else {
                    throw RepositoryError.damaged(
                        ObjectName.keyring(object), "it is another repository's")
                }
                return try admit(object, keyring, key)
            } catch let error as RepositoryError {
                if case .keysReplaced = error { continue }
                failure = error
            }
        }
        throw failure
    }

    private func keyrings(under key: SecretBytes) throws -> Keyrings {
        try Keyrings(storage: storage, repository: repository, keyEncryptionKey: key)
    }

    /// Seals under the keyring `object` from now on, which was loaded.
    func enforce(_ object: KeyringObjectID) {
        held.withLock { held in
            guard let found = held.found[object] else {
                preconditionFailure("a keyring is in force once it was loaded")
            }
            held.inForce = object
            sealing.seal(under: found.epoch)
        }
    }

    /// The epoch that seals while `object` is in force; nil for a keyring under another key, or one
    /// that is gone.
    func epoch(of object: KeyringObjectID) throws -> EpochID? {
        if held.withLock({ $0.foreign.contains(object) }) { return nil }
        do {
            try load(object)
        } catch let error as RepositoryError {
            if case .storage = error { throw error }
            held.withLock { _ = $0.foreign.insert(object) }
            return nil
        }
        return held.withLock { $0.found[object]?.epoch }
    }

    /// Reads all keyrings again; false when there is none that was not known.
    private func reload() throws -> Bool {
        let (before, keys) = held.withLock { ($0.found.count, $0.keyEncryptionKeys) }
        for key in keys {
            for (object, keyring) in try keyrings(under: key).all().whole {
                try admit(object, keyring, key)
            }
        }
        return held.withLock { $0.found.count } > before
    }

    /// The body of a unit; one under an epoch that is not known is tried again with all keyrings that
    /// are there now, for a rotation may have come in between.
    func open(_ kind: UnitKind, _ unit: [UInt8], place: LogPlace) throws -> [UInt8] {
        var sealer = try UnitSealer(sealing)
        do {
            return try sealer.open(kind, unit, place: place)
        } catch .unknownEpoch(let epoch) {
            guard try reload() else { throw SealError.unknownEpoch(epoch) }
            return try sealer.open(kind, unit, place: place)
        }
    }
}
