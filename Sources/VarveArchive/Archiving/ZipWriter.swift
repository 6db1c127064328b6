import VarveCodec
import VarveSystem

/// Writes the members of a zip archive, one after the other, and never goes back.
///
/// The central directory is kept in memory to the end: some 120 bytes and the path of each member.
struct ZipWriter: ~Copyable {
    private var deflate: Deflate
    private let room = ByteBuffer(capacity: 256 << 10)
    /// How much of a member's first bytes tells whether compressing it pays.
    private static let sampleBytes = 1 << 20

    private var central: [UInt8] = []
    private var entries = 0
    /// Bytes written so far.
    private var offset = 0
    private var current: (entry: ZipEntry, offset: Int)?
    private var data = ZipEntry.Data()
    private var checksum = CRC32()
    private var hasBegun = false

    init() throws { deflate = try Deflate() }

    /// Writes a member that is small and stored.
    mutating func add(_ entry: ZipEntry, _ bytes: [UInt8], to output: borrowing File) throws {
        checksum = CRC32()
        bytes.withUnsafeBytes { checksum.update($0) }
        data = ZipEntry.Data(checksum: checksum.value, storedBytes: bytes.count)
        note(entry, at: offset)
        try write(entry.localHeader(data) + bytes, to: output)
    }

    /// Begins a member whose data is compressed.
    mutating func begin(_ entry: ZipEntry, to output: borrowing File) throws {
        current = (entry, offset)
        data = ZipEntry.Data()
        checksum = CRC32()
        hasBegun = false
        try write(entry.localHeader(data), to: output)
    }

    /// Compresses some of its data.
    mutating func add(_ bytes: UnsafeRawBufferPointer, to output: borrowing File) throws {
        guard current != nil, !bytes.isEmpty else { return }
        if !hasBegun {
            let sample = UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.sampleBytes))
            let isNoise = Incompressible.looksLikeNoise(sample)
            try deflate.begin(level: isNoise ? 0 : Deflate.standardLevel)
            hasBegun = true
        }
        checksum.update(bytes)
        try compress(bytes, isEnd: false, to: output)
    }

    /// Ends the member.
    mutating func end(to output: borrowing File) throws {
        guard let (entry, start) = current.take() else { return }
        try compress(UnsafeRawBufferPointer(start: nil, count: 0), isEnd: true, to: output)
        data.checksum = checksum.value
        note(entry, at: start)
        try write(entry.descriptor(data), to: output)
    }

    /// Ends the archive.
    mutating func finish(to output: borrowing File) throws {
        let start = offset
        try write(central, to: output)
        try write(
            ZipRecord.end(entries: entries, directoryBytes: central.count, offset: start),
            to: output)
    }

    private mutating func compress(
        _ bytes: UnsafeRawBufferPointer, isEnd: Bool, to output: borrowing File
    ) throws {
        var count = 0
        try deflate.compress(bytes, isEnd: isEnd, through: room.bytes) { piece in
            try output.write(piece)
            count += piece.count
        }
        data.storedBytes += count
        offset += count
    }

    private mutating func note(_ entry: ZipEntry, at offset: Int) {
        central += entry.centralHeader(data, offset: offset)
        entries += 1
    }

    private mutating func write(_ bytes: [UInt8], to output: borrowing File) throws {
        try output.write(bytes)
        offset += bytes.count
    }
}
