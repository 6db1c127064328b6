import VarveCodec
import VarveCrypto
package import VarveFormat
import VarveStorage

/// One record as it is stored.
struct StoredRecord {
    var number: UInt64
    var hash: RecordHash
    var record: LogRecord
    /// What it is sealed under.
    var epoch: EpochID
}

/// Reads single records and states of a log.
struct RecordReader {
    let storage: any Storage
    let repository: RepositoryID
    let keys: OpenKeys

    static let recordBytesMax = UnitKind.record.bodyLimit + UnitHeader.overhead
    private static let stateBytesMax = UnitKind.state.bodyLimit + UnitHeader.overhead

    /// Record `number`, in whichever copy is whole and, when `hash` is given, has that hash.
    ///
    /// With `isVouched` the hash was found in a record behind it, back from one that was read from the
    /// storage, and what this machine has kept of it will do.
    ///
    /// Throws `.keysReplaced` when it is sealed under an epoch that no keyring at hand has.
    func record(
        _ number: UInt64, hash: RecordHash? = nil, isVouched: Bool = false
    ) throws -> StoredRecord {
        let name = ObjectName.record(number)
        var reason = "neither copy is there"
        var (isForeign, isDamaged) = (false, false)
        var failure: StorageError?
        for copy in Copy.allCases {
            do {
                let bytes = try bytes(name, copy, isVouched ? hash : nil)
                let found = try RecordHash(digestOf: bytes)
                if let hash, found != hash {
                    reason = "it is not the record that its successor follows"
                    isDamaged = true
                    continue
                }
                return try open(bytes, number)
            } catch let error as StorageError {
                guard error.isDamage else { throw RepositoryError.storage(error) }
                // The other copy may lie where it can be read.
                if error.kind == .failed { failure = error }
                if error.kind != .missing { (reason, isDamaged) = (error.reason, true) }
            } catch SealError.unknownEpoch {
                isForeign = true
            } catch let error as SealError {
                (reason, isDamaged) = (error.description, true)
            } catch let error as FormatError {
                (reason, isDamaged) = (error.description, true)
            }
        }
        if isForeign, !isDamaged { throw RepositoryError.keysReplaced(object: name) }
        if let failure { throw RepositoryError.storage(failure) }
        throw RepositoryError.damaged(name, reason)
    }

    /// The stored bytes of one copy, or what this machine kept when they have `hash`.
    private func bytes(
        _ name: String, _ copy: Copy, _ hash: RecordHash?
    ) throws(StorageError) -> [UInt8] {
        if let hash, copy == .first {
            return try storage.get(name, limit: Self.recordBytesMax, digest: hash.bytes)
        }
        return try storage.get(name, limit: Self.recordBytesMax, copy: copy)
    }

    /// The record in these bytes, which stand at `number`.
    func open(_ bytes: [UInt8], _ number: UInt64) throws -> StoredRecord {
        let place = LogPlace(repository: repository, number: number)
        let record = try LogRecord(keys.open(.record, bytes, place: place))
        guard record.event.isAllowed(at: number) else {
            throw FormatError.invalid("it is of a kind that its number does not allow")
        }
        return StoredRecord(
            number: number, hash: try RecordHash(digestOf: bytes), record: record,
            epoch: try UnitHeader(startOf: bytes).epoch)
    }

    /// Throws unless the record is sealed under the epoch that `keyring`, which was in force before
    /// it, seals with: whoever has only older keys appends nothing.
    ///
    /// Of a keyring that is gone, or under a key that was replaced, nothing is said here: the records
    /// that stand on it are those that a rotation follows.
    func checkEpoch(_ stored: StoredRecord, under keyring: KeyringObjectID) throws {
        guard let epoch = try keys.epoch(of: keyring), epoch != stored.epoch else { return }
        throw RepositoryError.damaged(
            object: ObjectName.record(stored.number),
            reason: "it is not sealed under the epoch that was in force before it",
            affects: "somebody with an old key may have forged it")
    }

    /// The state `id`, which must be that of record `number`.
    func state(_ id: StateID, number: UInt64, hash: StateBodyHash) throws -> RepositoryState {
        let name = ObjectName.state(id)
        do {
            let bytes = try storage.get(name, limit: Self.stateBytesMax)
            let place = LogPlace(repository: repository, number: number)
            let body = try keys.open(.state, bytes, place: place)
            guard try StateBodyHash(digestOf: body) == hash else {
                throw FormatError.invalid("it is not the state that its checkpoint names")
            }
            let state = try RepositoryState(body)
            guard state.number == number else {
                throw FormatError.invalid("it stands for another number")
            }
            return state
        } catch let error as StorageError {
            throw RepositoryError.reading(error)
        } catch let error as RepositoryError {
            throw error
        } catch {
            throw RepositoryError.damaged(name, "\(error)")
        }
    }
}

extension Identifier {
    /// The SHA-256 of `bytes`.
    package init(digestOf bytes: [UInt8]) throws(FormatError) {
        guard let id = Self(SHA256.digest(bytes)) else { throw .truncated }
        self = id
    }

    /// The SHA-256 of `bytes`.
    package init(digestOf bytes: UnsafeRawBufferPointer) {
        var digest: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        self = withUnsafeMutableBytes(of: &digest) { digest in
            SHA256.hash(bytes, into: digest.baseAddress!)
            return Self(at: UnsafeRawPointer(digest.baseAddress!))
        }
    }
}
