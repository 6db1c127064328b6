public import VarveCodec
import VarveCrypto
public import VarveFormat
public import VarveStorage
import VarveSystem

/// What is settled when a repository is made.
public struct CreationOptions: Sendable {
    /// A power of two from 16 KiB to 4 MiB.
    public var chunkBytesAverage = 64 << 10
    public var frameBytes = 1 << 20
    /// At which length a pack of data is full; nil for what is usual in its storage.
    public var packBytes: Int?
    public var gracePeriodSeconds = 7 * 24 * 3600
    /// Stands in the key slot, for people.
    public var label = ""
    /// What decides where content is cut; nil for one of its own.
    var chunkerSecret: [UInt8]?

    public init() {}

    /// At which length packs of data are full in a storage, if nothing else is said: each is a request where
    /// it is far, and near it is written anew when little of it is needed any more.
    static func usualPackBytes(in storage: any Storage) -> Int {
        storage.connections > 1 ? 64 << 20 : 32 << 20
    }

    /// Cuts content as another repository does, so that both deduplicate alike.
    public init(cuttingLike other: Repository) {
        chunkBytesAverage = other.state.parameters.chunkBytesAverage
        chunkerSecret = other.openKeys.inForce.keyring.chunkerSecret
    }
}

extension Repository {
    /// Makes a repository in `storage`, which must hold none, and opens it.
    ///
    /// `secret` is asked for the key once the storage has shown what it can. The order of writes is key
    /// slot, `varve.json`, keyring, record 0: whoever made `varve.json` has made the repository.
    public static func create(
        in storage: any Storage, options: CreationOptions, directories: LocalDirectories,
        secret: (RepositoryID) throws -> SlotSecret
    ) throws -> Repository {
        try make(
            in: storage, options, directories, keyEncryptionKey: .random(byteCount: 32),
            keyring: nil, secret: secret)
    }

    /// The same under a key-encryption key, and with a keyring, that are there already.
    static func make(
        in storage: any Storage, _ options: CreationOptions, _ directories: LocalDirectories,
        keyEncryptionKey key: SecretBytes, keyring: Keyring?,
        secret: (RepositoryID) throws -> SlotSecret
    ) throws -> Repository {
        try checkAbsence(in: storage)
        guard let id = RepositoryID(try SecureRandom.bytes(32)) else {
            throw RepositoryError.refused(reason: "no random bytes")
        }
        do {
            try probe(storage)
        } catch {
            throw error.kind == .refused
                ? RepositoryError.refused(reason: error.reason) : .storage(error)
        }
        // Only now, so that no key is made for a repository that cannot be made.
        let secret = try secret(id)
        let slot = try KeySlot.sealing(
            key, under: secret, repository: id, label: options.label,
            created: Timestamp.text(nanoseconds: Clock.wallNanoseconds()))
        try KeySlots(storage: storage, repository: id).add(slot)
        try RepositoryDescriptor.create(id, in: storage)
        if let directory = storage as? DirectoryStorage {
            try? directory.makeReserve(storedBytes: 0)
        }
        try finishCreation(of: id, in: storage, keyEncryptionKey: key, options, keyring: keyring)
        return try open(storage, secret: secret, directories: directories)
    }

    /// Throws `.exists` where a repository is, and `.refused` where anything else is.
    public static func checkAbsence(in storage: any Storage) throws {
        if try RepositoryDescriptor.load(from: storage) != nil {
            throw RepositoryError.exists(location: storage.location)
        }
        try checkEmpty(storage)
    }

    /// Refuses what holds anything but the slots of a creation that was interrupted.
    private static func checkEmpty(_ storage: any Storage) throws {
        let names: [String]
        do {
            names = try storage.list("").map(\.name)
        } catch {
            throw RepositoryError.storage(error)
        }
        if names.contains(where: ObjectName.isPartOfRepository) {
            throw RepositoryError.missingDescriptor
        }
        if let other = names.first(where: ObjectName.isForeign) {
            throw RepositoryError.refused(
                reason:
                    "\(storage.location) is not empty (it holds \(other)); name a directory that is"
            )
        }
    }

    /// Writes keyring and record 0, unless another opener was first.
    static func finishCreation(
        of id: RepositoryID, in storage: any Storage, keyEncryptionKey: SecretBytes,
        _ options: CreationOptions, keyring given: Keyring? = nil
    ) throws {
        let keyrings = try Keyrings(
            storage: storage, repository: id, keyEncryptionKey: keyEncryptionKey)
        let keyring: Keyring
        let object: KeyringObjectID
        if let found = try keyrings.all().whole.min(by: { $0.key < $1.key }) {
            (object, keyring) = (found.key, found.value)
            do {
                // Whoever made it may have come no further than its name.
                for prefix in ["", ObjectName.keyrings] { try storage.settle(prefix) }
            } catch {
                throw RepositoryError.storage(error)
            }
        } else {
            keyring = try given ?? newKeyring(chunkerSecret: options.chunkerSecret)
            object = try keyrings.add(keyring)
        }
        let parameters = RepositoryParameters(
            keyringObject: object, keyring: keyring.id,
            chunkBytesAverage: options.chunkBytesAverage, frameBytes: options.frameBytes,
            packBytes: options.packBytes ?? CreationOptions.usualPackBytes(in: storage),
            gracePeriodSeconds: options.gracePeriodSeconds)
        let record = LogRecord(
            nonce: randomBytes(LogRecord.nonceBytes), previous: .zero,
            clock: Clock.wallNanoseconds(), event: .initialise(parameters))
        var sealer = try UnitSealer(SealingKeys(keyring))
        let bytes = try sealer.seal(
            .record, body: record.encoded, place: LogPlace(repository: id, number: 0))
        do {
            _ = try storage.create(ObjectName.record(0), bytes, copies: .two)
        } catch {
            throw RepositoryError.storage(error)
        }
    }

    private static func newKeyring(chunkerSecret: [UInt8]?) throws -> Keyring {
        guard let id = KeyringID(try SecureRandom.bytes(16)) else {
            throw RepositoryError.refused(reason: "no random bytes")
        }
        let epoch = Keyring.Epoch(
            created: Clock.wallNanoseconds(), rootKey: try SecureRandom.bytes(32))
        return Keyring(
            id: id, chunkerSecret: try chunkerSecret ?? SecureRandom.bytes(32), epochs: [epoch])
    }
}

extension RepositoryDescriptor {
    /// The whole copy of `varve.json`; nil when there is none, an error when all are damaged.
    static func load(from storage: any Storage) throws -> RepositoryDescriptor? {
        var damage: String?
        for copy in Copy.allCases {
            do {
                let bytes = try storage.get(
                    ObjectName.repository, limit: FormatLimit.clearObjectBytes, copy: copy)
                let descriptor = try RepositoryDescriptor(json: bytes)
                if descriptor.checksum == SHA256.digest(Array(descriptor.checksumText.utf8)) {
                    return descriptor
                }
                damage = "its checksum does not fit its content"
            } catch let error as StorageError {
                guard error.kind == .missing || error.kind == .tooLarge else {
                    throw RepositoryError.storage(error)
                }
                if error.kind == .tooLarge { damage = error.reason }
            } catch {
                damage = "\(error)"
            }
        }
        if let damage { throw RepositoryError.damaged(ObjectName.repository, damage) }
        return nil
    }

    static func create(_ id: RepositoryID, in storage: any Storage) throws {
        var descriptor = RepositoryDescriptor(repository: id, checksum: [])
        descriptor.checksum = SHA256.digest(Array(descriptor.checksumText.utf8))
        do {
            guard
                try storage.create(ObjectName.repository, descriptor.encoded(), copies: .two)
            else { throw RepositoryError.exists(location: storage.location) }
        } catch let error as StorageError {
            throw RepositoryError.storage(error)
        }
    }
}
