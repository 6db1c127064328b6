import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// The repository that a command works on: where it is, and what opens it.
struct RepositoryAccess {
    let place: RepositoryPlace
    /// Whether nobody named it, so that the default one is meant.
    let isDefault: Bool
    let directories: LocalDirectories
    let secret: SecretInput?
    private let storageOptions: StorageOptions

    private init(_ place: RepositoryPlace, beside other: RepositoryAccess, _ secret: SecretInput?) {
        self.place = place
        isDefault = false
        directories = other.directories
        storageOptions = other.storageOptions
        self.secret = secret
    }

    /// `asking` makes the passphrase be asked for, whatever the environment says.
    init(_ options: RepositoryOptions, asking: Bool = false) throws {
        let named = try options.repository ?? Variables.value("VARVE_REPOSITORY")
        isDefault = named == nil
        directories = try Places.local(cache: options.cacheDir)
        storageOptions = options.storage
        place = try RepositoryPlace(
            named ?? Places.repository(), storageOptions, directories)
        secret = try SecretInput.chosen(options, asking: asking)
    }

    /// Where it is, for people.
    var location: String { place.text }

    private var absent: RepositoryError { .absent(location: location) }

    func storage() throws -> any Storage {
        let path: String
        switch place {
        case .bucket(let storage): return storage
        case .directory(let directory): path = directory
        }
        do {
            return try DirectoryStorage(path: path, create: false)
        } catch  where error.kind == .missing {
            throw absent
        } catch {
            guard let status = try? File.status(of: path), status.kind != .directory else {
                throw error
            }
            throw Failure(
                Failure.absentStatus, "\(path) is no directory, so there is no repository")
        }
    }

    /// Whether there is a repository.
    func exists() throws -> Bool {
        do {
            _ = try Repository.identify(try storage())
            return true
        } catch RepositoryError.absent {
            return false
        }
    }

    /// Opens the repository; `fromStorageAlone` past what this machine has kept of a far storage, to look
    /// for damage or to mend it.
    func open(fromStorageAlone: Bool = false) throws -> Repository {
        try open(try storage(), fromStorageAlone: fromStorageAlone).repository
    }

    /// Whether its key lies where it is looked for when none is named.
    func hasNotedKey() throws -> Bool {
        try Self.isThere(Places.keyFile(Repository.identify(storage())))
    }

    /// Opens the repository so that no change reaches it.
    func openDry() throws -> Repository { try open(DryStorage(try storage())).repository }

    /// Opens the repository and says with what; so that no change reaches it in a dry run.
    func openWithSecret(
        isDryRun: Bool = false
    ) throws -> (repository: Repository, secret: SlotSecret) {
        let storage = try storage()
        return try open(isDryRun ? DryStorage(storage) : storage)
    }

    /// Builds the log anew, of a repository that need not open.
    func repairLog(isDryRun: Bool) throws -> LogRepairReport {
        let storage = try storage()
        let id = try Repository.identifyBySlots(storage).id
        return try Repository.repairLog(
            in: storage, secret: try secret(for: id), directories: directories,
            isDryRun: isDryRun)
    }

    /// Another repository, with a key of its own when one is named.
    func beside(
        _ other: String, keyFile: String?, passphraseFile: String?
    ) throws -> RepositoryAccess {
        let named = try SecretInput.named([
            ("--from-key-file", keyFile.map(SecretInput.keyFile)),
            ("--from-passphrase-file", passphraseFile.map(SecretInput.passphraseFile)),
        ])
        return try beside(other, named ?? secret)
    }

    /// Another repository, which `secret` opens when it is named.
    func beside(_ other: String, _ secret: SecretInput?) throws -> RepositoryAccess {
        RepositoryAccess(
            try RepositoryPlace(other, storageOptions, directories), beside: self, secret)
    }

    private func open(
        _ storage: any Storage, fromStorageAlone: Bool = false
    ) throws -> (repository: Repository, secret: SlotSecret) {
        var found: SlotSecret?
        let repository = try open(storage, fromStorageAlone: fromStorageAlone) { id in
            let secret = try secret(for: id)
            found = secret
            return secret
        }
        guard let found else { throw absent }
        return (repository, found)
    }

    /// Opens with this secret.
    func open(_ storage: any Storage, _ secret: SlotSecret) throws -> Repository {
        try open(storage, fromStorageAlone: false) { _ in secret }
    }

    private func open(
        _ storage: any Storage, fromStorageAlone: Bool,
        secret: (RepositoryID) throws -> SlotSecret
    ) throws -> Repository {
        var found: RepositoryID?
        do {
            return try Repository.open(
                storage, directories: directories, fromStorageAlone: fromStorageAlone
            ) { id in
                found = id
                return try secret(id)
            }
        } catch let error as RepositoryError {
            guard case .rolledBack = error, let found else { throw error }
            throw Failure(
                Failure.damagedStatus,
                "\(error); if it was put back on purpose, \(cure(of: found))")
        }
    }

    /// How to accept the state that a repository was put back to.
    private func cure(of id: RepositoryID) -> String {
        let heads = (directories.state ?? Places.stateForPeople) + "/heads/"
        let start = id.hex + "-"
        let names = (try? File.openDirectory(heads).entries())?
            .map { String(decoding: $0.name, as: UTF8.self) }.filter { $0.hasPrefix(start) }
        // Each location of a repository has a file of its own.
        guard let names, names.count == 1, let name = names.first else {
            return "remove what begins with \(start) in \(heads)"
        }
        return "remove \(heads)\(name)"
    }

    private func secret(for id: RepositoryID) throws -> SlotSecret {
        if let secret { return try secret.read(prompt: "passphrase of \(location): ") }
        let keyFile = try Places.keyFile(id)
        do {
            return try SecretInput.keyFile(keyFile).read()
        } catch let error as SystemError where error.isMissing {
            guard Terminal.isTerminal(0) else {
                throw Failure(
                    Failure.wrongKeyStatus,
                    "no key for the repository at \(location): there is none at \(keyFile); give "
                        + "--key-file or --passphrase-file")
            }
        }
        return try SecretInput.prompt.read(prompt: "passphrase of \(location): ")
    }

    /// An empty repository in memory, in place of one that is not there yet.
    static func imagined() throws -> Repository {
        let storage = MemoryStorage(location: "memory")
        let secret = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        // Nothing can be made below this, so that the catalog is a temporary one.
        let directories = LocalDirectories(cache: "/dev/null", state: nil)
        _ = try Repository.create(
            in: storage, options: CreationOptions(), directories: directories
        ) { _ in secret }
        return try Repository.open(
            DryStorage(storage), secret: secret, directories: directories)
    }

    /// Makes the repository, and a key file where no other key was named.
    func create(_ options: CreationOptions) throws -> NewRepository {
        try make { storage, key in
            try Repository.create(
                in: storage, options: options, directories: directories, secret: key)
        }
    }

    /// Looks whether `create` would make the repository, and makes nothing; the key file that it would
    /// make, nil for none.
    func rehearseCreation() throws -> String? {
        do {
            switch place {
            case .directory(let path):
                try Repository.checkAbsence(in: DirectoryStorage(path: path, create: false))
            case .bucket(let storage): try Repository.checkAbsence(in: storage)
            }
        } catch let error as StorageError {
            // The directory is made with the repository.
            guard error.kind == .missing else { throw error }
        } catch RepositoryError.storage(let error) {
            // So is the bucket.
            guard error.kind == .missing else { throw error }
        }
        guard let secret else { return try Places.keyFiles() + "/REPOSITORY-ID" }
        return try secret.rehearseNew()
    }

    /// Makes a sibling of `source`, opened by the key that was named for it, else by `secret`; that is
    /// noted as its key when nobody named where keys are.
    func createSibling(
        of source: Repository, _ secret: SlotSecret, noting: Bool
    ) throws -> NewRepository {
        var noted: String?
        do {
            return try make { storage, key in
                try source.createSibling(in: storage, directories: directories) { id in
                    guard self.secret == nil else { return try key(id) }
                    guard noting else { return secret }
                    let path = try Places.keyFile(id)
                    try SecretInput.note(secret, at: path)
                    noted = path
                    return secret
                }
            }
        } catch {
            if let noted, (try? exists()) == false { try? File.remove(noted) }
            throw error
        }
    }

    private func make(
        _ create: (any Storage, (RepositoryID) throws -> SlotSecret) throws -> Repository
    ) throws -> NewRepository {
        let (storage, isNew) = try newStorage()
        var keyFile: String?
        do {
            let repository = try create(storage) { id in
                let input = try secret ?? defaultKey(id)
                if case .keyFile(let path) = input, try !Self.isThere(path) { keyFile = path }
                return try input.readNew()
            }
            return NewRepository(repository: repository, location: location, keyFile: keyFile)
        } catch {
            // The key of a repository that was never made is of no use; that of one that was made
            // must stay.
            if (try? exists()) == false {
                if let keyFile { try? File.remove(keyFile) }
                if isNew { removeNewStorage() }
            }
            throw error
        }
    }

    /// Where a repository is to be made, and whether this has made the place.
    private func newStorage() throws -> (storage: any Storage, isNew: Bool) {
        switch place {
        case .directory(let path):
            let isNew = try !Self.isThere(path)
            return (try DirectoryStorage(path: path, create: true), isNew)
        case .bucket(let storage): return (storage, try storage.makeBucket())
        }
    }

    private func removeNewStorage() {
        switch place {
        case .directory(let path): try? File.removeDirectory(path)
        case .bucket(let storage): storage.removeBucket()
        }
    }

    /// Makes the repository of a person who named none, and says where it is.
    func createDefault(_ console: Console) throws -> Repository {
        let made = try create(CreationOptions())
        try made.announce(console)
        try console.flush()
        return made.repository
    }

    private func defaultKey(_ id: RepositoryID) throws -> SecretInput {
        let path = try Places.keyFile(id)
        try File.makeDirectories(File.parent(of: path))
        return .keyFile(path)
    }

    private static func isThere(_ path: String) throws -> Bool {
        do {
            _ = try File.status(of: path)
            return true
        } catch  where error.isMissing {
            return false
        }
    }
}

/// A repository that was just made.
struct NewRepository {
    var repository: Repository
    var location: String
    /// Nil unless one was made for it.
    var keyFile: String?

    /// Says what was made, and what to do about the key.
    func announce(_ console: Console) throws {
        if console.isJSON {
            return try console.emit([
                "message_type": "initialized", "id": .text(repository.id.hex),
                "repository": .text(location), "key_file": .optional(keyFile),
                "dry_run": .flag(false),
            ])
        }
        try console.say("created the repository \(location)")
        guard let keyFile else { return }
        try console.say("  key file  \(keyFile)")
        try console.say(
            "  Keep a copy of the key file elsewhere: without it nothing can be read back.")
    }
}
