import CSQLite
import VarveArchive
import VarveSystem

/// What keeps a database as it is while its files are read; see docs/DATABASES.md.
enum SQLitePin {
    /// A lock of a database with a rollback journal; nobody may write the file.
    case shared(FileStatus)
    /// A transaction whose frames are all in the file.
    case backfilled(WALIndex)
    /// A transaction of which these frames are taken from the WAL.
    case overlaid(WALIndex, WALFrames)
    /// Nothing: nobody seems to use the database, and its files must not change.
    case unlocked(database: FileStatus, wal: FileStatus?, WALFrames?)

    /// What is taken from the WAL.
    var frames: WALFrames? {
        switch self {
        case .shared, .backfilled: nil
        case .overlaid(_, let frames): frames
        case .unlocked(_, _, let frames): frames
        }
    }

    /// Throws when something has changed since that must not.
    func confirm(_ files: SQLiteFiles) throws {
        guard try holds(files) else {
            throw SourceError("it was written while it was read, in spite of the lock")
        }
    }

    private func holds(_ files: SQLiteFiles) throws -> Bool {
        switch self {
        case .shared(let status):
            let now = try files.database.file.status()
            return now.size == status.size && now.mtime == status.mtime
        case .backfilled(let index):
            guard let now = try Self.index(of: files) else { return false }
            let salts = (index.header.salts, now.header.salts)
            if salts.0 == salts.1 { return now.attempted <= index.header.lastFrame }
            // The WAL was begun anew, which may happen once, and nothing of it may be in the file.
            let isNext = index.header.lastFrame == 0 || salts.1[0] == salts.0[0] &+ 1
            return isNext && now.attempted == 0
        case .overlaid(let index, let frames):
            guard let now = try Self.index(of: files), let wal = files.wal else { return false }
            return try now.header.salts == index.header.salts
                && now.attempted <= index.header.lastFrame && frames.isUntouched(wal)
        case .unlocked(let database, let wal, _):
            return try files.isInPlace && !files.isLocked()
                && database.isSame(files.database.file.status())
                && Self.isSame(wal, try? File.status(of: files.path + SQLiteCompanion.log))
        }
    }

    private static func isSame(_ old: FileStatus?, _ new: FileStatus?) -> Bool {
        guard let old, let new else { return (old?.size ?? 0) == 0 && (new?.size ?? 0) == 0 }
        return old.isSame(new)
    }

    /// The wal-index, as soon as nobody is writing it.
    static func index(of files: SQLiteFiles) throws -> WALIndex? {
        guard let file = files.index else { return nil }
        for _ in 0..<looksMax {
            if let index = try WALIndex(file) { return index }
            Clock.sleep(nanoseconds: lookNanoseconds)
        }
        return nil
    }

    private static let looksMax = 100
    private static let lookNanoseconds: Int64 = 1_000_000
}

extension FileStatus {
    fileprivate func isSame(_ other: FileStatus) -> Bool {
        size == other.size && mtime == other.mtime && ctime == other.ctime
            && inode == other.inode && device == other.device
    }
}
