public import VarveArchive
public import VarveSystem

/// Reads the SQLite databases that are found among the files of a tree.
public struct SQLiteFileReader: DatabaseReader {
    private let options: SQLiteReadingOptions

    public init(_ options: SQLiteReadingOptions = SQLiteReadingOptions()) {
        self.options = options
    }

    public var prefixBytes: Int { SQLiteHeader.magic.count }

    public func isDatabase(_ prefix: UnsafeRawBufferPointer) -> Bool {
        prefix.prefix(prefixBytes).elementsEqual(SQLiteHeader.magic)
    }

    public var companions: [[UInt8]] { DatabaseCompanion.all }

    public func open(_ path: [UInt8], _ status: FileStatus) throws -> any DatabaseInput {
        let database = try DatabasePinning.pin(path, options)
        guard database.status.inode == status.inode, database.status.device == status.device
        else { throw DatabaseError("it was replaced while it was opened") }
        return SQLiteInput(database, options)
    }
}
