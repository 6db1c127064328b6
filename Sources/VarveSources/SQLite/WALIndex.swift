import VarveArchive
import VarveSystem

/// What the shared memory of a database in WAL mode (`-shm`) says of the WAL, in the byte order of the machine.
///
/// Source: https://www.sqlite.org/walformat.html#the_wal_index_file_format
struct WALIndex: Equatable {
    /// What every commit writes anew.
    struct Header: Equatable {
        fileprivate static let bytes = 48
        fileprivate static let version: UInt32 = 3_007_000

        /// Counts commits.
        var change: UInt32
        /// Whether the checksums of the WAL are over words with the most significant byte first.
        var isBigEndian: Bool
        var pageBytes: Int
        /// The last frame of the last commit; 0 when the WAL holds nothing.
        var lastFrame: Int
        /// Pages in the database after the last commit.
        var pages: Int
        /// Up to and with the last frame.
        var checksum: WALChecksum
        /// As in the header of the WAL, as numbers with the most significant byte first.
        var salts: [UInt32]

        /// Nil when the bytes are being written, or were never.
        init?(_ bytes: UnsafeRawBufferPointer) {
            func number(_ offset: Int) -> UInt32 {
                bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            }
            var sum = WALChecksum()
            sum.add(
                UnsafeRawBufferPointer(rebasing: bytes[..<40]),
                isBigEndian: UInt16(bigEndian: 1) == 1)
            guard number(0) == Self.version, bytes[12] == 1,
                sum == WALChecksum(first: number(40), second: number(44))
            else { return nil }
            change = number(8)
            isBigEndian = bytes[13] != 0
            let size = Int(bytes.loadUnaligned(fromByteOffset: 14, as: UInt16.self))
            pageBytes = size & 0xfe00 + (size & 1) << 16
            lastFrame = Int(number(16))
            pages = Int(number(20))
            checksum = WALChecksum(first: number(24), second: number(28))
            salts = [bytes.bigEndian(32), bytes.bigEndian(36)]
        }
    }

    var header: Header
    /// Frames from the first on that are in the database file.
    var backfilled: Int
    /// Frames that a checkpoint may have begun to write into the database file.
    var attempted: Int

    private static let bytes = 136

    /// Reads it; nil when it is not whole at the moment.
    init?(_ file: SharedFile) throws {
        var found = [UInt8](repeating: 0, count: Self.bytes)
        let count = try found.withUnsafeMutableBytes { try file.file.readFully(at: 0, into: $0) }
        guard count == Self.bytes, let index = found.withUnsafeBytes({ WALIndex($0) }) else {
            return nil
        }
        self = index
    }

    private init?(_ bytes: UnsafeRawBufferPointer) {
        let copies = [0, Header.bytes].map {
            UnsafeRawBufferPointer(rebasing: bytes[$0..<$0 + Header.bytes])
        }
        guard copies[0].elementsEqual(copies[1]), let header = Header(copies[0]) else {
            return nil
        }
        self.header = header
        backfilled = Int(bytes.loadUnaligned(fromByteOffset: 96, as: UInt32.self))
        attempted = Int(bytes.loadUnaligned(fromByteOffset: 128, as: UInt32.self))
    }

    /// Whether a connection, of whatever process, uses the shared memory.
    static func isUsed(_ file: SharedFile) throws(SystemError) -> Bool {
        try file.file.isLocked(byte: SQLiteCompanion.usedByte)
    }
}
