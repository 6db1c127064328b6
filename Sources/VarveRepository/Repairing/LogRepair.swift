public import VarveCodec
import VarveCrypto
public import VarveFormat
public import VarveStorage
import VarveSystem

/// What `repair log` did, or would do.
public struct LogRepairReport: Sendable {
    /// Why the log cannot be read; nil when it can, and nothing was done.
    public var reason: String?
    /// The number of the mend.
    public var number: UInt64?
    /// The record whose state everything was added to; nil when no state was left.
    public var base: UInt64?
    /// Numbers of records that are lost.
    public var lost: [UInt64] = []
    /// Snapshots of which no record is left, and that are kept because nothing says that they are
    /// forgotten.
    public var snapshotsKept: [SnapshotID] = []
    /// Snapshots that have another manifest now, for the one that is named cannot be read.
    public var manifestsReplaced: [SnapshotID] = []
    /// Manifests that no record names, and that cannot be read.
    public var manifestsUnread = 0
    /// Segments that no record names.
    public var segmentsFound = 0
    public var snapshots = 0
    /// Objects of which one of two copies was missing or damaged, and was written anew.
    public var copiesMade: [String] = []
    /// `varve.json` was written anew.
    public var isDescriptorMade = false

    /// Whether lost records may have forgotten, tagged or pinned something.
    public var isUncertain: Bool { lost.contains { !LogRecord.isCheckpoint($0) } }
}

extension Repository {
    /// Builds a log that cannot be read anew, of what is left, and says so in one `mend` record.
    ///
    /// A log that can be read is left alone. In either case what is kept twice is whole twice after it.
    public static func repairLog(
        in storage: any Storage, secret: SlotSecret, directories: LocalDirectories,
        isDryRun: Bool = false
    ) throws -> LogRepairReport {
        let (id, isKnown) = try identifyBySlots(storage)
        var report = try KeySlots(storage: storage, repository: id).unlock(secret) { slot, key in
            if !isKnown, !isDryRun { try RepositoryDescriptor.replace(by: id, in: storage) }
            return try repairLog(
                of: id, in: storage, slot, key, directories: directories, isDryRun: isDryRun)
        }
        report.isDescriptorMade = !isKnown
        return report
    }

    /// With the key-encryption key of one slot; throws `.keysReplaced` when it is not in force.
    private static func repairLog(
        of id: RepositoryID, in storage: any Storage, _ slot: SlotID, _ key: SecretBytes,
        directories: LocalDirectories, isDryRun: Bool
    ) throws -> LogRepairReport {
        var report = LogRepairReport()
        let memory = HeadMemory(
            directory: directories.state, repository: id, location: storage.location)
        let keyrings = try Keyrings(storage: storage, repository: id, keyEncryptionKey: key)
        let (whole, damage) = try keyrings.all()
        let alike =
            Dictionary(grouping: whole, by: { $0.value.id }).values
            .max { $0.count < $1.count } ?? []
        let own = Dictionary(uniqueKeysWithValues: alike.map { ($0.key, $0.value) })
        let keys = try OpenKeys(
            storage: storage, repository: id, slot: slot, keyEncryptionKey: key, keyrings: own)
        guard let keys else {
            throw damage ?? RepositoryError.damaged(ObjectName.keyrings, "there is no keyring")
        }
        let reader = RecordReader(storage: storage, repository: id, keys: keys)
        func copies(_ log: CommitLog) throws -> [String] {
            try Repository(
                id: id, storage: storage, keys: keys, log: log, directories: directories
            ).repairCopies(isDryRun: isDryRun)
        }
        for _ in 0..<attemptsMax {
            let seen = memory.load()
            let numbers = try reader.numbers(after: nil)
            switch try log(reader, memory, seen, numbers) {
            case .success(let log):
                report.copiesMade = try copies(log)
                return report
            case .failure(let damage): report.reason = damage.description
            }
            let rebuilding = try LogRebuilding(
                reader, numbers, seen: seen?.number, keyrings: own)
            report.take(rebuilding)
            if isDryRun { return report }
            guard try rebuilding.append() else { continue }
            if case .success(let log) = try log(
                reader, memory, memory.load(), reader.numbers(after: nil))
            {
                report.copiesMade = try copies(log)
            }
            return report
        }
        throw RepositoryError.refused(
            reason: "somebody else appended to the log meanwhile; run the command again")
    }

    /// What is said of a snapshot that no record names, until somebody has looked whether all is there
    /// that it needs: so long no new snapshot takes over anything from it.
    public static let unproven = "not looked at since the log was built anew"

    private static let attemptsMax = 10

    /// The log, or why it cannot be read.
    private static func log(
        _ reader: RecordReader, _ memory: HeadMemory, _ seen: HeadMemory.Head?, _ numbers: [UInt64]
    ) throws -> Result<CommitLog, RepositoryError> {
        do {
            return .success(try CommitLog(reader, memory, seen: seen, numbers: numbers))
        } catch let error as RepositoryError {
            switch error {
            case .damaged, .rolledBack: return .failure(error)
            case .storage(let failure) where failure.isDamage: return .failure(error)
            default: throw error
            }
        }
    }
}

extension LogRepairReport {
    fileprivate mutating func take(_ rebuilding: LogRebuilding) {
        number = rebuilding.number
        base = rebuilding.base
        lost = rebuilding.lost
        snapshotsKept = rebuilding.snapshotsKept
        manifestsReplaced = rebuilding.manifestsReplaced
        manifestsUnread = rebuilding.manifestsUnread
        segmentsFound = rebuilding.segmentsFound
        snapshots = rebuilding.state.snapshots.count
    }
}
