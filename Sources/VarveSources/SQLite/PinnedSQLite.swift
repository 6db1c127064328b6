import CSQLite
import VarveArchive
import VarveSystem

/// A database that stands still at one commit, to be read page by page, until `close`; of one thread at a time.
final class PinnedSQLite: @unchecked Sendable {
    // Unchecked: whoever has it takes care that only one thread uses it at a time.
    let pageBytes: Int
    let pages: Int
    let pin: SQLitePin
    /// The first bytes, with what the WAL has of them.
    private(set) var header: SQLiteHeader?
    private var files: SQLiteFiles?
    /// What the file was when it was opened.
    let status: FileStatus
    private var connection: SQLiteConnection?

    init(
        _ files: SQLiteFiles, _ connection: SQLiteConnection?, _ pin: SQLitePin,
        pageBytes: Int, pages: Int
    ) throws {
        (self.files, self.connection, self.pin) = (files, connection, pin)
        status = files.status
        (self.pageBytes, self.pages) = (pageBytes, pages)
        guard pages > 0 else { return }
        var first = [UInt8](repeating: 0, count: SQLiteHeader.bytes)
        try first.withUnsafeMutableBytes { try read(at: 0, into: $0) }
        header = first.withUnsafeBytes { SQLiteHeader($0) }
    }

    deinit { close() }

    /// Gives back all locks; nothing more can be read.
    func close() {
        guard let files else { return }
        // What SQLite has made for us it takes away with its connection.
        let isEmpty = SQLiteCompanion.bytes(SQLiteCompanion.log, of: files.path) == 0
        if isEmpty { try? connection?.keepWAL(false) }
        connection?.close()
        connection = nil
        self.files = nil
    }

    /// Throws when it is closed.
    func withFile<Answer>(_ body: (SharedFile) throws -> Answer) throws -> Answer {
        guard let files else { throw SourceError("it is closed") }
        return try body(files.database)
    }

    /// In bytes.
    var length: Int { pages * pageBytes }

    /// Reads from `offset` on until the room is full, which must not be beyond the length.
    func read(at offset: Int, into room: UnsafeMutableRawBufferPointer) throws {
        guard let files else { throw SourceError("it is closed") }
        let found = try files.database.file.readFully(at: offset, into: room)
        if pin.frames == nil, found == room.count { return }
        let end = offset + room.count
        for page in offset / pageBytes + 1...(end - 1) / pageBytes + 1 {
            let start = (page - 1) * pageBytes
            let part = max(start, offset)..<min(start + pageBytes, end)
            let target = UnsafeMutableRawBufferPointer(
                rebasing: room[part.lowerBound - offset..<part.upperBound - offset])
            if let place = pin.frames?.place(ofPage: page), let wal = files.wal {
                let count = try wal.file.readFully(
                    at: place + part.lowerBound - start, into: target)
                guard count == target.count else {
                    throw SourceError("its WAL became shorter while it was read")
                }
            } else if part.upperBound > offset + found {
                guard start == SQLiteHeader.lockByte / pageBytes * pageBytes else {
                    throw SourceError("it is damaged: page \(page) of \(pages) is missing")
                }
                target.initializeMemory(as: UInt8.self, repeating: 0)
            }
        }
    }

    /// Everything was read: throws unless it was one database at one commit.
    func confirm(_ options: SQLiteReadingOptions) throws {
        guard let files else { throw SourceError("it is closed") }
        if pages > 0 { try confirmPages() }
        if options.isVerified { try verify() }
        try pin.confirm(files)
    }

    private func confirmPages() throws {
        guard let header, header.pageBytes == pageBytes, header.pages ?? pages == pages else {
            throw SourceError("it is damaged: its first page does not say what it is")
        }
        try FreePages(of: header, pages: pages).check { page, room in
            try read(at: (page - 1) * pageBytes, into: room)
        }
        guard case .shared = pin else { return }
        guard try files?.header()?.changeCounter == header.changeCounter else {
            throw SourceError("it was written while it was read, in spite of the lock")
        }
    }

    private func verify() throws {
        guard let connection else {
            throw SourceError("it cannot be verified where SQLite may not write beside it")
        }
        let flaws = try connection.texts("PRAGMA integrity_check(10)")
        guard flaws == ["ok"] else {
            throw SourceError("it is damaged: \(flaws.joined(separator: "; "))")
        }
    }

    /// What places the database in time.
    var anchors: [String: String] {
        var anchors = ["pages": String(pages), "page_size": String(pageBytes)]
        guard let header else { return anchors }
        anchors["change_counter"] = String(header.changeCounter)
        anchors["schema_version"] = String(header.schemaVersion)
        anchors["journal_mode"] = header.isWAL ? "wal" : "rollback"
        anchors["wal_frames"] = String(pin.frames?.pagesTaken ?? 0)
        return anchors
    }
}
