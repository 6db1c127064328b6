import VarveCodec
import VarveFormat
import VarveMaintenance
import VarveRepository
import VarveStorage
import VarveSystem

/// Where a sync comes from, and where it goes.
struct SyncEnds {
    let source: RepositoryAccess
    let destinations: [RepositoryAccess]

    init(_ options: RepositoryOptions, _ keys: SyncKeys, _ words: [String]) throws {
        let access = try RepositoryAccess(options)
        guard let other = keys.fromRepo else {
            let secret = try keys.destinationSecret()
            source = access
            destinations = try words.map { try access.beside($0, secret) }
            return
        }
        source = try access.beside(
            other, keyFile: keys.fromKeyFile, passphraseFile: keys.fromPassphraseFile)
        destinations = [access]
    }
}

/// A destination that was opened, or made.
struct OpenedDestination {
    let access: RepositoryAccess
    let repository: Repository
    /// What was made; nil when it was there.
    private(set) var made: NewRepository?
    private(set) var isImagined = false

    /// `noting` says that its key is to be found where those of repositories are whose key nobody named.
    /// In a dry run no change reaches it, and one that is not there is made in memory.
    init(
        _ access: RepositoryAccess, of source: Repository, _ secret: SlotSecret,
        noting: Bool, beside others: [OpenedDestination], isDry: Bool
    ) throws {
        self.access = access
        if let found = try access.openSibling(of: source, secret, isDry: isDry) {
            repository = found
        } else {
            isImagined = isDry
            made =
                try isDry
                ? nil : access.createSibling(of: source, secret, noting: noting)
            repository = try made?.repository ?? access.imagineSibling(of: source, secret)
        }
        guard repository.id != source.id else {
            throw Failure.usage(
                "\(access.location) is the repository itself, or a plain copy of it; a sync goes to "
                    + "another one")
        }
        guard !others.contains(where: { $0.repository.id == repository.id }) else {
            throw Failure.usage(
                "\(access.location) is named twice, or is a plain copy of another destination")
        }
    }

    /// For `status`.
    func remember(_ report: SyncReport, in source: Repository, _ keys: SyncKeys) {
        source.remember(
            SyncedDestination(
                location: access.location,
                keyFile: keys.toKeyFile.map(Places.absolute),
                passphraseFile: keys.toPassphraseFile.map(Places.absolute),
                time: Clock.wallNanoseconds(), newest: report.newest))
    }
}

extension RepositoryAccess {
    /// Opens what may be a sibling of `source`, with the key that was named for it, else with the one
    /// noted for it, else with `secret`; nil when there is no repository.
    func openSibling(
        of source: Repository, _ secret: SlotSecret, isDry: Bool = false
    ) throws -> Repository? {
        let storage: any Storage
        let id: RepositoryID
        do {
            storage = try self.storage()
            id = try Repository.identify(storage)
        } catch RepositoryError.absent {
            return nil
        }
        let key = try siblingSecret(of: id, secret)
        if !isDry { try source.finishSibling(in: storage, secret: key) }
        do {
            return try open(isDry ? DryStorage(storage) : storage, key)
        } catch RepositoryError.wrongKey(let location) where self.secret == nil {
            throw Failure(
                Failure.wrongKeyStatus,
                "the key of this repository does not open the one at \(location); name its own with "
                    + "--to-key-file or --to-passphrase-file")
        }
    }

    private func siblingSecret(of id: RepositoryID, _ secret: SlotSecret) throws -> SlotSecret {
        if let own = self.secret {
            return try own.read(prompt: "passphrase of \(location): ")
        }
        do {
            return try SecretInput.keyFile(try Places.keyFile(id)).read()
        } catch let error as SystemError where error.isMissing {
            return secret
        }
    }

    /// A sibling in memory, in place of one that is not there yet.
    fileprivate func imagineSibling(
        of source: Repository, _ secret: SlotSecret
    ) throws -> Repository {
        // Nothing can be made below this, so that the catalog is a temporary one.
        try source.createSibling(
            in: MemoryStorage(location: location),
            directories: LocalDirectories(cache: "/dev/null", state: nil)
        ) { _ in secret }
    }
}
