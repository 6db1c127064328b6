import VarveCodec
import VarveSystem

/// Names of what lies beside an SQLite database and belongs to it.
public enum SQLiteCompanion {
    /// The log (WAL), which holds what is newer than the file.
    public static let log = Array("-wal".utf8)
    /// The shared memory of those who use the database with a log.
    public static let sharedMemory = Array("-shm".utf8)
    /// What a writer without a log has overwritten.
    public static let journal = Array("-journal".utf8)

    public static let all = [log, sharedMemory, journal]

    /// The byte of the shared memory that everybody locks who uses it.
    public static let usedByte = 128
}

extension File {
    /// Whether it begins as a database does.
    var isDatabase: Bool {
        withUnsafeTemporaryAllocation(byteCount: PageChunker.prefixBytes, alignment: 1) { room in
            guard let count = try? readFully(at: 0, into: room) else { return false }
            return PageChunker.isPageStructured(
                prefix: UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }
}
