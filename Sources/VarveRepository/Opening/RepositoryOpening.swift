import Synchronization
public import VarveCodec
import VarveCrypto
public import VarveFormat
public import VarveStorage
import VarveSystem

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
        try open(storage, directories: directories) { _ in secret }
    }

    /// Opens the repository in `storage` with the secret that belongs to its id.
    ///
    /// What this machine has kept of a far storage serves in its place unless `fromStorageAlone`: who
    /// looks for damage must see what others would.
    public static func open(
        _ storage: any Storage, directories: LocalDirectories, fromStorageAlone: Bool = false,
        secret: (RepositoryID) throws -> SlotSecret
    ) throws -> Repository {
        let id = try identify(storage)
        let memory = storage.connections > 1 ? OpeningMemory(directories, id) : nil
        let storage = fromStorageAlone ? storage : keeping(storage, id, directories)
        let known = memory?.load()
        let slots = KeySlots(storage: storage, repository: id)
        return try slots.unlock(try secret(id), first: known?.slot) { slot, key in
            let opening = RepositoryOpening(
                storage: storage, id: id, slot: slot, keyEncryptionKey: key)
            let repository = try opening.open(directories, known: known?.keyring)
            memory?.save(.init(slot: slot, keyring: repository.openKeys.inForce.object))
            return repository
        }
    }
}

/// An opening of a repository with the key-encryption key of one slot.
private struct RepositoryOpening {
    var storage: any Storage
    var id: RepositoryID
    var slot: SlotID
    var keyEncryptionKey: SecretBytes

    /// Throws `.keysReplaced` when the key-encryption key is not in force.
    func open(_ directories: LocalDirectories, known: KeyringObjectID?) throws -> Repository {
        let memory = HeadMemory(
            directory: directories.state, repository: id, location: storage.location)
        let seen = memory.load()
        let numbers = try logNumbers(seen)
        if known == nil { prefetch(numbers) }
        let (reader, head) = try reader(of: numbers, known: known)
        let log = try CommitLog(reader, memory, seen: seen, numbers: numbers, head: head)
        guard reader.keys.inForce.keyring.id == log.state.parameters.keyring else {
            throw RepositoryError.damaged(
                ObjectName.keyring(log.state.keyringObject), "it is another repository's")
        }
        return try Repository(
            id: id, storage: storage, keys: reader.keys, log: log, directories: directories)
    }

    /// Has the records kept that an opening reads, several at once where each takes its time: for a machine
    /// that has none of them. What fails here is met again.
    private func prefetch(_ numbers: [UInt64]) {
        guard storage.connections > 1, let head = numbers.last else { return }
        let first = LogRecord.checkpoint(upTo: head)
        let wanted = Array(numbers.dropLast().filter { $0 >= first })
        let next = Atomic(0)
        try? WorkerThreads.run(
            count: min(storage.connections, ReadLimits.recordsAtOnce, wanted.count), name: "log"
        ) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < wanted.count else { return }
                let name = ObjectName.record(wanted[index])
                _ = try storage.get(name, limit: RecordReader.recordBytesMax)
            }
        }
    }

    /// What reads the log, and its head where that was read already.
    ///
    /// A keyring has the epochs of all before it, so that one of them will do when it opens the head;
    /// others are read when something names them.
    private func reader(
        of numbers: [UInt64], known: KeyringObjectID?
    ) throws -> (RecordReader, StoredRecord?) {
        let keyrings = try Keyrings(
            storage: storage, repository: id, keyEncryptionKey: keyEncryptionKey)
        if let known, let keyring = try? keyrings.keyring(known),
            let reader = try reader([known: keyring]), let head = reader.head(numbers)
        {
            return (reader, head)
        }
        let objects = try keyrings.list()
        if let newest = keyrings.newest(of: objects), let reader = try reader(newest),
            let head = reader.head(numbers)
        {
            return (reader, head)
        }
        let (whole, damage) = try keyrings.all(of: objects)
        let readers = try Dictionary(grouping: whole, by: { $0.value.id }).values.compactMap {
            alike in
            try reader(Dictionary(uniqueKeysWithValues: alike.map { ($0.key, $0.value) }))
        }
        if readers.count > 1 {
            for reader in readers {
                if let head = reader.head(numbers) { return (reader, head) }
            }
        }
        guard let reader = readers.first else {
            throw damage ?? RepositoryError.damaged(ObjectName.keyrings, "there is no keyring")
        }
        return (reader, nil)
    }

    private func reader(_ keyrings: [KeyringObjectID: Keyring]) throws -> RecordReader? {
        try OpenKeys(
            storage: storage, repository: id, slot: slot, keyEncryptionKey: keyEncryptionKey,
            keyrings: keyrings
        ).map { RecordReader(storage: storage, repository: id, keys: $0) }
    }

    /// The numbers of the log, those from the checkpoint on before what was seen last where that will
    /// do; a creation that was interrupted before record 0 is finished.
    private func logNumbers(_ seen: HeadMemory.Head?) throws -> [UInt64] {
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
                try Repository.finishCreation(
                    of: id, in: storage, keyEncryptionKey: keyEncryptionKey, CreationOptions())
                objects = try storage.list(ObjectName.log)
            }
            return objects.compactMap { ObjectName.recordNumber($0.name) }
        } catch let error as StorageError {
            throw RepositoryError.storage(error)
        }
    }
}

extension RecordReader {
    /// The head of the log; nil when it does not open.
    ///
    /// Two openers that finished a creation at once may have left a keyring that seals no record.
    fileprivate func head(_ numbers: [UInt64]) -> StoredRecord? {
        numbers.last.flatMap { try? record($0) }
    }
}
