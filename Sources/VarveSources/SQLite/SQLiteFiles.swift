import Synchronization
import VarveArchive
import VarveSystem

/// A database, its WAL and its wal-index, opened to be read beside SQLite; the database is this reader's turn
/// alone in this process until `close`.
///
/// POSIX locks belong to a process and a file: closing any descriptor of the file gives all of them
/// back, also those that a connection of SQLite took. So these are closed after the connection, and
/// nobody else in the process has any of the same file meanwhile.
final class SQLiteFiles {
    /// With all symbolic links followed, as SQLite names what lies beside it.
    let path: [UInt8]
    unowned let database: SharedFile
    /// The database when it was opened.
    let status: FileStatus
    private(set) weak var wal: SharedFile?
    private(set) weak var index: SharedFile?
    /// Everything that is open, to be closed before the turn ends.
    private var files: [SharedFile]

    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// What is being read.
    private static let taken = Mutex<Set<Identity>>([])
    private static let waitNanoseconds: Int64 = 5_000_000

    /// Opens the database alone, when nobody else in this process reads it.
    init(_ path: [UInt8]) throws {
        self.path = try File.realPath(path)
        let found = try File.status(of: self.path)
        // Opening a pipe would wait for whoever writes to it.
        guard found.kind == .regular else { throw SourceError("it is no regular file") }
        let identity = Identity(device: found.device, inode: found.inode)
        while !Self.taken.withLock({ $0.insert(identity).inserted }) {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            Clock.sleep(nanoseconds: Self.waitNanoseconds)
        }
        do throws(SystemError) {
            let file = SharedFile(try File.openToRead(self.path))
            files = [file]
            database = file
            status = found
        } catch {
            Self.taken.withLock { _ = $0.remove(identity) }
            throw error
        }
    }

    deinit {
        files = []
        Self.taken.withLock {
            _ = $0.remove(Identity(device: status.device, inode: status.inode))
        }
    }

    /// Opens the WAL and the wal-index, if they are there.
    func openWAL() throws {
        let found = try [SQLiteCompanion.log, SQLiteCompanion.sharedMemory].map {
            try Self.open(path + $0)
        }
        files += found.compactMap(\.self)
        (wal, index) = (found[0], found[1])
    }

    private static func open(_ path: [UInt8]) throws -> SharedFile? {
        do throws(SystemError) {
            return SharedFile(try File.openToRead(path))
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    /// Whether the name leads to the file that was opened, now and when it was looked up.
    var isInPlace: Bool {
        [try? File.status(of: path), try? database.file.status()].allSatisfy {
            $0?.inode == status.inode && $0?.device == status.device
        }
    }

    /// Whether a connection, of whatever process, has a lock on the database, as each has that uses a WAL.
    func isLocked() throws -> Bool { try database.file.isLocked(byte: Self.sharedLockByte) }

    /// The first of the bytes that readers lock.
    private static let sharedLockByte = SQLiteHeader.lockByte + 2

    /// The first bytes of the database as they lie.
    func header() throws -> SQLiteHeader? {
        var bytes = [UInt8](repeating: 0, count: SQLiteHeader.bytes)
        _ = try bytes.withUnsafeMutableBytes { try database.file.readFully(at: 0, into: $0) }
        return bytes.withUnsafeBytes { SQLiteHeader($0) }
    }

    /// Whether SQLite can share memory with others: it needs a `-shm` that can be written, or others
    /// who have one.
    func canBeShared() throws -> Bool {
        let index = path + SQLiteCompanion.sharedMemory
        while let found = try Self.open(index) {
            if try File.isWritable(index) || WALIndex.isUsed(found) { return true }
            // Whoever is the last to use it removes it, and that may just have happened.
            if try (try? File.status(of: index))?.inode == found.file.status().inode {
                return false
            }
        }
        let directory = Array(path.prefix(upTo: path.lastIndex(of: UInt8(ascii: "/")) ?? 0))
        return File.isWritable(directory.isEmpty ? [UInt8(ascii: "/")] : directory)
    }
}

extension SQLiteCompanion {
    /// How much is in what lies beside a database; 0 when it is missing.
    static func bytes(_ ending: [UInt8], of path: [UInt8]) -> Int64 {
        (try? File.status(of: path + ending))?.size ?? 0
    }
}
