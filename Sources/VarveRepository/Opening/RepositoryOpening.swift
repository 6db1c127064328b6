public import VarveCodec
import VarveCrypto
public import VarveFormat
public import VarveStorage

extension Repository {
    /// The id of the repository in `storage`, which needs no key; throws `.absent` without one.
    public static func identify(_ storage: any Storage) throws -> RepositoryID {
        do {
            guard let descriptor = try RepositoryDescriptor.load(from: storage) else {
                if try !storage.list(ObjectName.log).isEmpty {
                    throw RepositoryError.missingDescriptor
                }
                throw RepositoryError.absent(location: storage.location)
            }
            return descriptor.repository
        } catch RepositoryError.storage(let error) where error.kind == .missing {
            throw RepositoryError.absent(location: storage.location)
        } catch let error as StorageError {
            // Where there is no directory or no bucket, there is no repository either.
            throw error.kind == .missing
                ? RepositoryError.absent(location: storage.location) : .storage(error)
        }
    }

    /// Opens the repository in `storage` with a passphrase or key file.
    public static func open(
        _ storage: any Storage, secret: SlotSecret, directories: LocalDirectories
    ) throws -> Repository {
        let id = try identify(storage)
        return try KeySlots(storage: storage, repository: id).unlock(secret) { slot, key in
            try open(storage, id, slot, key, directories)
        }
    }

    /// Opens with the key-encryption key of one slot; throws `.keysReplaced` when it is not in force.
    private static func open(
        _ storage: any Storage, _ id: RepositoryID, _ slot: SlotID, _ key: SecretBytes,
        _ directories: LocalDirectories
    ) throws -> Repository {
        let memory = HeadMemory(
            directory: directories.state, repository: id, location: storage.location)
        let seen = memory.load()
        let numbers = try logNumbers(storage, id, key, seen)
        let keyrings = try Keyrings(storage: storage, repository: id, keyEncryptionKey: key)
        func read(with keyrings: [KeyringObjectID: Keyring]) throws -> RecordReader? {
            try OpenKeys(
                storage: storage, repository: id, slot: slot, keyEncryptionKey: key,
                keyrings: keyrings
            ).map { RecordReader(storage: storage, repository: id, keys: $0) }
        }
        // The newest has the epochs of all before it; others are read when something names them.
        let objects = try keyrings.list()
        let newest = try keyrings.newest(of: objects).flatMap { try read(with: $0) }
        let reader = try newest.flatMap { $0.opens(numbers) ? $0 : nil } ?? all()
        func all() throws -> RecordReader {
            let (whole, damage) = try keyrings.all(of: objects)
            let readers = try Dictionary(grouping: whole, by: { $0.value.id }).values.compactMap {
                alike in
                try read(with: Dictionary(uniqueKeysWithValues: alike.map { ($0.key, $0.value) }))
            }
            let fitting = readers.count > 1 ? readers.first { $0.opens(numbers) } : nil
            guard let reader = fitting ?? readers.first else {
                throw damage ?? RepositoryError.damaged(ObjectName.keyrings, "there is no keyring")
            }
            return reader
        }
        let log = try CommitLog(reader, memory, seen: seen, numbers: numbers)
        guard reader.keys.inForce.keyring.id == log.state.parameters.keyring else {
            throw RepositoryError.damaged(
                ObjectName.keyring(log.state.keyringObject), "it is another repository's")
        }
        return try Repository(
            id: id, storage: storage, keys: reader.keys, log: log, directories: directories)
    }

    /// The numbers of the log, those from the checkpoint on before what was seen last where that will
    /// do; a creation that was interrupted before record 0 is finished.
    private static func logNumbers(
        _ storage: any Storage, _ id: RepositoryID, _ key: SecretBytes, _ seen: HeadMemory.Head?
    ) throws -> [UInt64] {
        do {
            if let seen, seen.number >= LogRecord.checkpointInterval {
                let before = LogRecord.checkpoint(upTo: seen.number) - 1
                let recent = try storage.list(ObjectName.log, after: ObjectName.record(before))
                    .compactMap { ObjectName.recordNumber($0.name) }
                if recent.contains(seen.number) { return recent }
            }
            var objects = try storage.list(ObjectName.log)
            if objects.isEmpty {
                let isEmpty = try [ObjectName.snapshots, ObjectName.packs].allSatisfy {
                    try storage.list($0).isEmpty
                }
                guard isEmpty else {
                    throw RepositoryError.damaged(
                        object: ObjectName.record(0), reason: "the log is gone",
                        affects: "`varve repair log` can mend it")
                }
                try finishCreation(
                    of: id, in: storage, keyEncryptionKey: key, CreationOptions())
                objects = try storage.list(ObjectName.log)
            }
            return objects.compactMap { ObjectName.recordNumber($0.name) }
        } catch let error as StorageError {
            throw RepositoryError.storage(error)
        }
    }
}

extension RecordReader {
    /// Whether the head of the log opens.
    ///
    /// Two openers that finished a creation at once may have left a keyring that seals no record.
    fileprivate func opens(_ numbers: [UInt64]) -> Bool {
        numbers.last.map { (try? record($0)) != nil } ?? false
    }
}
