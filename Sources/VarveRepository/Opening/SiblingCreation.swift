public import VarveCodec
import VarveCrypto
public import VarveFormat
public import VarveStorage

extension Repository {
    /// Makes a repository in `storage`, which must hold none, with the keys and parameters of this one:
    /// what either seals opens in the other.
    ///
    /// `secret` opens it, and no other key of this one does: a slot is sealed for one repository.
    public func createSibling(
        in storage: any Storage, directories: LocalDirectories,
        secret: (RepositoryID) throws -> SlotSecret
    ) throws -> Repository {
        let (_, keyring, key) = openKeys.inForce
        return try Self.make(
            in: storage, siblingOptions, directories, keyEncryptionKey: key, keyring: keyring,
            secret: secret)
    }

    /// Goes on with the creation of a sibling that was interrupted; does nothing anywhere else.
    ///
    /// Whoever opened it first would finish it with a keyring of its own.
    public func finishSibling(in storage: any Storage, secret: SlotSecret) throws {
        let (_, keyring, key) = openKeys.inForce
        let id = try Self.identify(storage)
        // One look at what is nearly always there.
        if (try? storage.size(of: ObjectName.record(0))) != nil { return }
        do {
            guard try storage.list(ObjectName.log).isEmpty,
                try [ObjectName.snapshots, ObjectName.packs].allSatisfy({
                    try storage.list($0).isEmpty
                })
            else { return }
        } catch let error as StorageError {
            throw RepositoryError.storage(error)
        }
        try KeySlots(storage: storage, repository: id).unlock(secret) { _, found in
            guard found == key else { return }
            try Self.finishCreation(
                of: id, in: storage, keyEncryptionKey: key, siblingOptions, keyring: keyring)
        }
    }

    private var siblingOptions: CreationOptions {
        var options = CreationOptions()
        let parameters = state.parameters
        options.chunkBytesAverage = parameters.chunkBytesAverage
        options.frameBytes = parameters.frameBytes
        // What was usual here may not be so there.
        if parameters.packBytes != CreationOptions.usualPackBytes(in: storage) {
            options.packBytes = parameters.packBytes
        }
        options.gracePeriodSeconds = parameters.gracePeriodSeconds
        return options
    }
}
