/// The records of a zip archive (PKWARE's APPNOTE.TXT 6.3), and the extra fields of Info-ZIP.
struct ZipEntry: Sendable, Equatable {
    enum Method: UInt16, Sendable {
        case stored = 0
        case deflated = 8
    }

    /// A directory's ends with a slash.
    var path: [UInt8]
    /// Type and permissions, as Unix has them.
    var mode: UInt32
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    /// Seconds since 1970.
    var modified = 0
    /// Date and time of day as MS-DOS has them.
    var localTime: UInt32 = 0
    /// Plain bytes.
    var size = 0

    /// What is known only behind the data.
    struct Data: Sendable, Equatable {
        var checksum: UInt32 = 0
        var storedBytes = 0
    }

    static let pathBytesMax = 0xffff
    private static let isLarge: UInt64 = 0xffff_ffff
    private static let versionOfZip64: UInt16 = 45

    /// Deflated data has its checksum and lengths behind it.
    var method: Method { size > 0 && mode & 0o170000 == 0o100000 ? .deflated : .stored }
    private var hasDescriptor: Bool { method == .deflated }
    /// Whether lengths take eight bytes; deflating may add a little.
    private var isZip64: Bool { size > 0xf000_0000 }

    private var flags: UInt16 {
        let isText =
            path.allSatisfy { $0 < 0x80 } || String(validating: path, as: UTF8.self) == nil
        return (hasDescriptor ? 1 << 3 : 0) | (isText ? 0 : 1 << 11)
    }

    /// The record in front of the data.
    func localHeader(_ data: Data) -> [UInt8] {
        var record = ZipRecord(signature: 0x0403_4b50)
        var extra = timesAndOwner
        record.put16(isZip64 ? Self.versionOfZip64 : 20)
        putMethod(&record)
        if isZip64 {
            record.put32(0)
            record.put32(Self.isLarge)
            record.put32(Self.isLarge)
            extra.field(0x0001) {
                $0.put64(0)
                $0.put64(0)
            }
        } else {
            record.put32(hasDescriptor ? 0 : UInt64(data.checksum))
            record.put32(hasDescriptor ? 0 : UInt64(data.storedBytes))
            record.put32(hasDescriptor ? 0 : UInt64(size))
        }
        record.put16(UInt16(path.count))
        record.put16(UInt16(extra.bytes.count))
        return record.bytes + path + extra.bytes
    }

    /// The record behind the data; empty when the one in front says it all.
    func descriptor(_ data: Data) -> [UInt8] {
        guard hasDescriptor else { return [] }
        var record = ZipRecord(signature: 0x0807_4b50)
        record.put32(UInt64(data.checksum))
        for count in [data.storedBytes, size] {
            if isZip64 { record.put64(UInt64(count)) } else { record.put32(UInt64(count)) }
        }
        return record.bytes
    }

    /// The record in the central directory of a member whose local header is at `offset`.
    func centralHeader(_ data: Data, offset: Int) -> [UInt8] {
        var record = ZipRecord(signature: 0x0201_4b50)
        let fromUnix: UInt16 = 3 << 8
        let numbers = [size, data.storedBytes, offset].map(UInt64.init)
        let large = numbers.filter { $0 >= Self.isLarge }
        record.put16(fromUnix | Self.versionOfZip64)
        record.put16(isZip64 || !large.isEmpty ? Self.versionOfZip64 : 20)
        putMethod(&record)
        var extra = timesAndOwner
        if !large.isEmpty {
            extra.field(0x0001) { field in for number in large { field.put64(number) } }
        }
        record.put32(UInt64(data.checksum))
        record.put32(min(numbers[1], Self.isLarge))
        record.put32(min(numbers[0], Self.isLarge))
        record.put16(UInt16(path.count))
        record.put16(UInt16(extra.bytes.count))
        // No comment, on the first disk, nothing said about its text.
        for _ in 0..<3 { record.put16(0) }
        let isDirectory: UInt64 = path.last == UInt8(ascii: "/") ? 0x10 : 0
        record.put32(UInt64(mode) << 16 | isDirectory)
        record.put32(min(numbers[2], Self.isLarge))
        return record.bytes + path + extra.bytes
    }

    private func putMethod(_ record: inout ZipRecord) {
        record.put16(flags)
        record.put16(method.rawValue)
        record.put32(UInt64(localTime))
    }

    private var timesAndOwner: ZipRecord {
        var extra = ZipRecord()
        if let time = Int32(exactly: modified) {
            extra.field(0x5455) {
                $0.put8(1)
                $0.put32(UInt64(UInt32(bitPattern: time)))
            }
        }
        extra.field(0x7875) {
            $0.put8(1)
            $0.put8(4)
            $0.put32(UInt64(uid))
            $0.put8(4)
            $0.put32(UInt64(gid))
        }
        return extra
    }
}

/// Little-endian numbers one after the other.
struct ZipRecord {
    private(set) var bytes: [UInt8] = []

    init() {}

    init(signature: UInt64) { put32(signature) }

    mutating func put8(_ value: UInt8) { bytes.append(value) }
    mutating func put16(_ value: UInt16) { put(UInt64(value), 2) }
    mutating func put32(_ value: UInt64) { put(value, 4) }
    mutating func put64(_ value: UInt64) { put(value, 8) }

    private mutating func put(_ value: UInt64, _ count: Int) {
        for byte in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
    }

    /// An extra field: its tag, its length, and what `body` puts into it.
    mutating func field(_ tag: UInt16, _ body: (inout ZipRecord) -> Void) {
        var field = ZipRecord()
        body(&field)
        put16(tag)
        put16(UInt16(field.bytes.count))
        bytes += field.bytes
    }

    /// What ends an archive: where its central directory is, with eight-byte numbers when needed.
    static func end(entries: Int, directoryBytes: Int, offset: Int) -> [UInt8] {
        var record = ZipRecord()
        let needsZip64 = entries >= 0xffff || offset + directoryBytes >= 0xffff_ffff
        if needsZip64 {
            record.put32(0x0606_4b50)
            record.put64(44)
            record.put16(3 << 8 | 45)
            record.put16(45)
            record.put64(0)
            for number in [entries, entries, directoryBytes, offset] {
                record.put64(UInt64(number))
            }
            record.put32(0x0706_4b50)
            record.put32(0)
            record.put64(UInt64(offset + directoryBytes))
            record.put32(1)
        }
        record.put32(0x0605_4b50)
        record.put32(0)
        for _ in 0..<2 { record.put16(UInt16(needsZip64 ? 0xffff : entries)) }
        record.put32(needsZip64 ? 0xffff_ffff : UInt64(directoryBytes))
        record.put32(needsZip64 ? 0xffff_ffff : UInt64(offset))
        record.put16(0)
        return record.bytes
    }
}
