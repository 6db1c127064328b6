public import VarveArchive
import VarveSystem

/// The bytes of a database that stands still; when the last was read, it is confirmed that they belong together, and
/// the locks are given back.
final class SQLiteInput: PinnedInput {
    private let database: PinnedSQLite
    private let options: SQLiteReadingOptions
    private var offset = 0
    private var isConfirmed = false

    init(_ database: PinnedSQLite, _ options: SQLiteReadingOptions) {
        self.database = database
        self.options = options
    }

    var length: Int { database.length }
    var hasMoreThanFile: Bool { database.pin.frames != nil }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        if Interrupts.isRequested { throw ArchiveError.interrupted }
        let count = min(room.count, database.length - offset)
        guard count > 0 else {
            try confirm()
            return 0
        }
        try database.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]))
        offset += count
        return count
    }

    private func confirm() throws {
        guard !isConfirmed else { return }
        defer { database.close() }
        try database.confirm(options)
        isConfirmed = true
    }
}

extension SQLiteReadingOptions {
    /// Opens the databases that are found among the files of a tree.
    public var opening: PinnedOpening {
        { path, status in
            let database = try SQLitePinning.pin(path, self)
            guard database.status.inode == status.inode, database.status.device == status.device
            else { throw SourceError("it was replaced while it was opened") }
            return SQLiteInput(database, self)
        }
    }
}
