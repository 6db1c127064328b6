import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage

/// The keyrings under one key-encryption key.
struct Keyrings {
    let storage: any Storage
    let repository: RepositoryID
    let keys: SealingKeys

    static let bytesMax = UnitKind.keyring.bodyLimit + UnitHeader.overhead

    init(storage: any Storage, repository: RepositoryID, keyEncryptionKey: SecretBytes) throws {
        self.storage = storage
        self.repository = repository
        keys = try SealingKeys(keyEncryptionKey: keyEncryptionKey, repository: repository)
    }

    /// All keyrings that open, by the names of their objects; and what was wrong with the others.
    func all() throws -> (whole: [KeyringObjectID: Keyring], damage: RepositoryError?) {
        var whole: [KeyringObjectID: Keyring] = [:]
        var damage: RepositoryError?
        do {
            for object in try storage.list(ObjectName.keyrings) {
                let hex = String(object.name.dropFirst(ObjectName.keyrings.count))
                guard let id = KeyringObjectID(hex: hex) else { continue }
                do {
                    whole[id] = try keyring(id)
                } catch let error as RepositoryError {
                    damage = error
                }
            }
        } catch let error as StorageError {
            throw RepositoryError.storage(error)
        }
        return (whole, damage)
    }

    private func keyring(_ id: KeyringObjectID) throws -> Keyring {
        let name = ObjectName.keyring(id)
        var reason = "it is missing"
        for copy in Copy.allCases {
            do {
                let bytes = try storage.get(name, limit: Self.bytesMax, copy: copy)
                return try open(bytes, id)
            } catch {
                reason = "\(error)"
            }
        }
        throw RepositoryError.damaged(name, reason)
    }

    /// The keyring in these bytes, whose name is `id`.
    func open(_ bytes: [UInt8], _ id: KeyringObjectID) throws -> Keyring {
        guard try KeyringObjectID(digestOf: bytes) == id else {
            throw FormatError.invalid("its content does not fit its name")
        }
        var sealer = try UnitSealer(keys)
        return try Keyring(sealer.open(.keyring, bytes))
    }

    /// Stores a keyring and returns the name of its object.
    func add(_ keyring: Keyring) throws -> KeyringObjectID {
        var sealer = try UnitSealer(keys)
        let bytes = try sealer.seal(.keyring, body: keyring.encoded)
        let id = try KeyringObjectID(digestOf: bytes)
        do {
            try storage.put(ObjectName.keyring(id), bytes, copies: .two)
        } catch {
            throw RepositoryError.storage(error)
        }
        return id
    }
}
