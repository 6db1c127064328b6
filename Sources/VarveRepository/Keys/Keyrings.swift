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

    /// Keyrings under `replaced` are only opened.
    init(
        storage: any Storage, repository: RepositoryID, keyEncryptionKey: SecretBytes,
        replaced: [SecretBytes] = []
    ) throws {
        self.storage = storage
        self.repository = repository
        keys = try SealingKeys(
            keyEncryptionKey: keyEncryptionKey, replaced: replaced, repository: repository)
    }

    /// Those under the key-encryption key in force, and under all that it replaced.
    init(inForce keys: OpenKeys) throws {
        let (_, keyring, key) = keys.inForce
        try self.init(
            storage: keys.storage, repository: keys.repository, keyEncryptionKey: key,
            replaced: keyring.replacedKeys.map { SecretBytes(copying: $0) })
    }

    /// What is stored below their name.
    func list() throws -> [StoredObject] {
        do {
            return try storage.list(ObjectName.keyrings)
        } catch {
            throw RepositoryError.storage(error)
        }
    }

    /// The one of several that was stored last; nil when it does not open.
    func newest(of objects: [StoredObject]) -> [KeyringObjectID: Keyring]? {
        guard objects.count > 1, let newest = objects.max(by: { $0.modified < $1.modified }),
            let id = Self.id(newest), let keyring = try? keyring(id)
        else { return nil }
        return [id: keyring]
    }

    private static func id(_ object: StoredObject) -> KeyringObjectID? {
        KeyringObjectID(hex: String(object.name.dropFirst(ObjectName.keyrings.count)))
    }

    /// All keyrings that open, by the names of their objects; and what was wrong with the others: one
    /// that is damaged rather than one under another key.
    func all() throws -> (whole: [KeyringObjectID: Keyring], damage: RepositoryError?) {
        try all(of: list())
    }

    func all(
        of objects: [StoredObject]
    ) throws -> (whole: [KeyringObjectID: Keyring], damage: RepositoryError?) {
        var whole: [KeyringObjectID: Keyring] = [:]
        var damage: RepositoryError?
        for object in objects {
            guard let id = Self.id(object) else { continue }
            do {
                whole[id] = try keyring(id)
            } catch let error as RepositoryError {
                if case .keysReplaced = error, damage != nil { continue }
                damage = error
            }
        }
        return (whole, damage)
    }

    /// The keyring `id`; throws `.keysReplaced` when it is under another key.
    func keyring(_ id: KeyringObjectID) throws -> Keyring {
        let name = ObjectName.keyring(id)
        var reason = "it is missing"
        var isForeign = false
        for copy in Copy.allCases {
            do {
                let bytes = try storage.get(name, limit: Self.bytesMax, copy: copy)
                return try open(bytes, id)
            } catch SealError.unknownEpoch {
                // Its name fits, so it was sealed like that.
                isForeign = true
            } catch {
                reason = "\(error)"
            }
        }
        if isForeign { throw RepositoryError.keysReplaced(object: name) }
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

    /// Stores a keyring and returns the name of its object, once it was read back and opened.
    func add(_ keyring: Keyring) throws -> KeyringObjectID {
        var sealer = try UnitSealer(keys)
        let bytes = try sealer.seal(.keyring, body: keyring.encoded)
        let id = try KeyringObjectID(digestOf: bytes)
        do {
            try storage.put(ObjectName.keyring(id), bytes, copies: .two)
        } catch {
            throw RepositoryError.storage(error)
        }
        guard try self.keyring(id) == keyring else {
            throw RepositoryError.damaged(ObjectName.keyring(id), "it is not what was written")
        }
        return id
    }
}
