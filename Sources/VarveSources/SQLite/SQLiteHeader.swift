/// The first 100 bytes of a database file.
///
/// Source: https://www.sqlite.org/fileformat2.html#the_database_header
struct SQLiteHeader: Equatable {
    static let bytes = 100
    private static let magic = Array("SQLite format 3\0".utf8)
    /// Where the page lies that never holds anything, because it is used for locks.
    static let lockByte = 0x4000_0000

    var pageBytes: Int
    /// Bytes at the end of each page that are not SQLite's.
    var reservedBytes: Int
    /// Whether the journal is a WAL.
    var isWAL: Bool
    /// Counts transactions, in the modes without a WAL.
    var changeCounter: UInt32
    /// Pages in the database; nil when a very old SQLite has written it last.
    var pages: Int?
    var firstFreeTrunk: Int
    var freePages: Int
    var schemaVersion: UInt32

    /// Whether a file that begins so is a database.
    static func isOne(_ prefix: UnsafeRawBufferPointer) -> Bool {
        prefix.prefix(magic.count).elementsEqual(magic)
    }

    /// Nil when these are no first bytes of a database.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.bytes, Self.isOne(bytes) else { return nil }
        func number(_ offset: Int) -> UInt32 { bytes.bigEndian(offset) }
        let size = Int(bytes[16]) << 8 | Int(bytes[17])
        pageBytes = size == 1 ? 65536 : size
        reservedBytes = Int(bytes[20])
        guard Self.isPageSize(pageBytes), pageBytes - reservedBytes >= 480 else { return nil }
        isWAL = bytes[18] == 2 || bytes[19] == 2
        changeCounter = number(24)
        let isCounted = number(92) == changeCounter && number(28) > 0
        pages = isCounted ? Int(number(28)) : nil
        firstFreeTrunk = Int(number(32))
        freePages = Int(number(36))
        schemaVersion = number(40)
    }

    static func isPageSize(_ bytes: Int) -> Bool {
        512...65536 ~= bytes && bytes & (bytes - 1) == 0
    }
}

extension UnsafeRawBufferPointer {
    /// Four bytes as a number, the most significant first.
    func bigEndian(_ offset: Int) -> UInt32 {
        UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
