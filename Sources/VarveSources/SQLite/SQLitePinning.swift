import CSQLite
import VarveArchive
import VarveSystem

/// Makes a database stand still, with the locks of a transaction that only reads.
struct SQLitePinning {
    private let files: SQLiteFiles
    private let connection: SQLiteConnection
    private let end: Int64
    private let options: SQLiteReadingOptions

    private static let retryNanoseconds: Int64 = 10_000_000

    /// Opens the database at a path, which need not be absolute, at one commit.
    static func pin(_ path: [UInt8], _ options: SQLiteReadingOptions) throws -> PinnedSQLite {
        let files = try SQLiteFiles(path)
        let header = try files.header()
        if header?.isWAL == true, try !files.canBeShared() {
            return try pinUnlocked(files, header)
        }
        let mayWrite = File.isWritable(files.path)
        let walBytes = SQLiteCompanion.bytes(SQLiteCompanion.log, of: files.path)
        do {
            return try pin(files, walBytes == 0 && mayWrite ? .write : .read, options)
        } catch let error as SQLiteError where error.wantsWriting && mayWrite {
            return try pin(files, .write, options)
        }
    }

    private static func pin(
        _ files: SQLiteFiles, _ access: SQLiteConnection.Access,
        _ options: SQLiteReadingOptions
    ) throws -> PinnedSQLite {
        let end = Clock.monotonicNanoseconds() + options.patienceMilliseconds * 1_000_000
        let connection = try SQLiteConnection(files.path, access)
        do {
            return try SQLitePinning(
                files: files, connection: connection, end: end, options: options
            ).pin()
        } catch {
            connection.close()
            throw error
        }
    }

    private func pin() throws -> PinnedSQLite {
        try begin()
        guard files.isInPlace else {
            throw SourceError("it was replaced while it was opened")
        }
        let isWAL = try connection.texts("PRAGMA journal_mode") == ["wal"]
        let pageBytes = Int(try connection.integer("PRAGMA page_size") ?? 0)
        guard isWAL else {
            let status = try files.database.file.status()
            // An empty file is an empty database.
            let pages = status.size == 0 ? 0 : try connection.integer("PRAGMA page_count") ?? 0
            return try PinnedSQLite(
                files, connection, .shared(status), pageBytes: pageBytes, pages: Int(pages))
        }
        try files.openWAL()
        while true {
            // What is in use cannot be replaced, so these are the files of our transaction too.
            try connection.run("ROLLBACK")
            let before = try SQLitePin.index(of: files)
            try begin()
            try options.whenBegun()
            if let index = try SQLitePin.index(of: files), index.header == before?.header {
                return try pinned(at: index, pageBytes)
            }
            try wait(SQLiteError(code: SQLITE_BUSY, message: ""))
        }
    }

    private func pinned(at index: WALIndex, _ pageBytes: Int) throws -> PinnedSQLite {
        let header = index.header
        guard header.lastFrame > 0 else {
            let pages = try connection.integer("PRAGMA page_count") ?? 0
            return try PinnedSQLite(
                files, connection, .backfilled(index), pageBytes: pageBytes, pages: Int(pages))
        }
        var pin = SQLitePin.backfilled(index)
        if index.backfilled < header.lastFrame {
            guard let wal = files.wal else { throw SourceError("its WAL is gone") }
            pin = .overlaid(index, try WALFrames(wal, upTo: header))
        }
        return try PinnedSQLite(
            files, connection, pin, pageBytes: header.pageBytes, pages: header.pages)
    }

    /// Begins a transaction that reads, which takes its locks with its first look at the database.
    private func begin() throws {
        while true {
            do {
                try connection.run("BEGIN")
                _ = try connection.integer("SELECT count(*) FROM sqlite_schema")
                return
            } catch let error as SQLiteError where error.isBusy {
                try? connection.run("ROLLBACK")
                try wait(error)
            }
        }
    }

    /// Waits a little before the next attempt; throws when the time is over.
    private func wait(_ error: SQLiteError) throws {
        if Interrupts.isRequested { throw ArchiveError.interrupted }
        guard Clock.monotonicNanoseconds() < end else { throw error }
        Clock.sleep(nanoseconds: Self.retryNanoseconds)
    }

    /// Reads the files as they lie, where SQLite cannot lock anything and nobody uses them.
    static func pinUnlocked(
        _ files: SQLiteFiles, _ header: SQLiteHeader?
    ) throws -> PinnedSQLite {
        guard let header else { throw SourceError("it is no SQLite database") }
        guard try !files.isLocked() else {
            throw SourceError(
                "another program has it open, and the right to write beside it is missing, without "
                    + "which that cannot be waited for")
        }
        guard SQLiteCompanion.bytes(SQLiteCompanion.journal, of: files.path) == 0 else {
            throw SourceError("its journal has to be rolled back, which needs the right to write")
        }
        try files.openWAL()
        let database = try files.database.file.status()
        let wal = try files.wal?.file.status()
        let frames = try files.wal.flatMap {
            try WALFrames(recovering: $0, pageBytes: header.pageBytes)
        }
        let pages = frames?.pages ?? header.pages ?? Int(database.size) / header.pageBytes
        return try PinnedSQLite(
            files, nil, .unlocked(database: database, wal: wal, frames),
            pageBytes: header.pageBytes, pages: pages)
    }
}
