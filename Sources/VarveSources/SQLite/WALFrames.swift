import VarveArchive
import VarveSystem

/// The frames of a WAL up to a commit, of which each page's last one counts.
///
/// Source: https://www.sqlite.org/fileformat2.html#wal_file_format
struct WALFrames {
    static let headerBytes = 32
    static let frameHeaderBytes = 24

    let pageBytes: Int
    /// Pages in the database after the last frame.
    let pages: Int
    /// How many frames there are.
    let count: Int
    /// What the checksums come to behind the last frame.
    let checksum: WALChecksum
    /// Which of the frames, counted from 0, a page is in; pages are counted from 1.
    private let places: [UInt32: Int]

    /// Pages that are taken from here.
    var pagesTaken: Int { places.count }

    /// Where a page begins in the WAL; nil when it is not in it.
    func place(ofPage page: Int) -> Int? {
        guard let frame = places[UInt32(page)] else { return nil }
        return Self.headerBytes + frame * (Self.frameHeaderBytes + pageBytes)
            + Self.frameHeaderBytes
    }

    /// The frames up to the mark of a wal-index; throws when one of them is not what was written.
    init(_ file: SharedFile, upTo header: WALIndex.Header) throws {
        var scan = try WALScan(file)
        var places: [UInt32: Int] = [:]
        let isFit =
            scan.salts == header.salts && scan.pageBytes == header.pageBytes
            && scan.isBigEndian == header.isBigEndian
        while isFit, scan.count < header.lastFrame, let frame = try scan.next() {
            places[frame.page] = scan.count - 1
        }
        guard isFit, scan.count == header.lastFrame, scan.checksum == header.checksum else {
            throw SourceError("its WAL is damaged in front of frame \(scan.count + 1)")
        }
        (pageBytes, pages, count) = (scan.pageBytes, header.pages, scan.count)
        checksum = scan.checksum
        self.places = places.filter { $0.key <= header.pages }
    }

    /// The frames up to the last commit, as SQLite finds them when it opens a database that was left alone; nil
    /// when there is no commit.
    init?(recovering file: SharedFile, pageBytes: Int) throws {
        guard var scan = try? WALScan(file), scan.pageBytes == pageBytes else { return nil }
        var places: [UInt32: Int] = [:]
        var open: [UInt32: Int] = [:]
        var last: (pages: Int, count: Int, checksum: WALChecksum)?
        while let frame = try scan.next() {
            open[frame.page] = scan.count - 1
            guard frame.pagesAfterCommit > 0 else { continue }
            places.merge(open) { $1 }
            open = [:]
            last = (Int(frame.pagesAfterCommit), scan.count, scan.checksum)
        }
        guard let last else { return nil }
        self.pageBytes = pageBytes
        (pages, count, checksum) = last
        self.places = places.filter { $0.key <= last.pages }
    }

    /// Whether the WAL still holds what it held.
    func isUntouched(_ file: SharedFile) throws -> Bool {
        guard var scan = try? WALScan(file), scan.pageBytes == pageBytes else { return false }
        while scan.count < count, try scan.next() != nil {}
        return scan.count == count && scan.checksum == checksum
    }
}

/// Reads a WAL frame by frame, as long as these are what was written.
private struct WALScan {
    struct Frame {
        var page: UInt32
        /// 0 for a frame that ends no commit.
        var pagesAfterCommit: UInt32
    }

    let isBigEndian: Bool
    let pageBytes: Int
    let salts: [UInt32]
    /// Frames read.
    private(set) var count = 0
    private(set) var checksum = WALChecksum()
    private let file: SharedFile
    private var room: [UInt8]
    /// Where what is in the room lies in the WAL.
    private var range = 0..<0

    private static let magic: UInt32 = 0x377f_0682
    private static let version: UInt32 = 3_007_000
    private static let roomBytes = 1 << 20

    /// Throws when the WAL has no header.
    init(_ file: SharedFile) throws {
        self.file = file
        var header = [UInt8](repeating: 0, count: WALFrames.headerBytes)
        let found = try header.withUnsafeMutableBytes { try file.file.readFully(at: 0, into: $0) }
        let damage = SourceError("its WAL has no header")
        guard found == header.count else { throw damage }
        func number(_ offset: Int) -> UInt32 { header.withUnsafeBytes { $0.bigEndian(offset) } }
        isBigEndian = number(0) == Self.magic | 1
        pageBytes = Int(number(8))
        salts = [number(16), number(20)]
        var sum = WALChecksum()
        header[..<24].withUnsafeBytes { sum.add($0, isBigEndian: number(0) & 1 == 1) }
        checksum = sum
        guard number(0) & ~1 == Self.magic, number(4) == Self.version,
            SQLiteHeader.isPageSize(pageBytes),
            sum == WALChecksum(first: number(24), second: number(28))
        else { throw damage }
        room = [UInt8](repeating: 0, count: Self.roomBytes)
    }

    /// The next frame; nil when what follows is none.
    mutating func next() throws -> Frame? {
        let bytes = WALFrames.frameHeaderBytes + pageBytes
        let start = WALFrames.headerBytes + count * bytes
        if start + bytes > range.upperBound {
            let found = try room.withUnsafeMutableBytes {
                try file.file.readFully(at: start, into: $0)
            }
            range = start..<start + found
        }
        guard range.upperBound >= start + bytes else { return nil }
        let offset = start - range.lowerBound
        var sum = checksum
        let frame = room.withUnsafeBytes { room -> Frame? in
            let frame = UnsafeRawBufferPointer(rebasing: room[offset..<offset + bytes])
            sum.add(UnsafeRawBufferPointer(rebasing: frame[..<8]), isBigEndian: isBigEndian)
            sum.add(UnsafeRawBufferPointer(rebasing: frame[24...]), isBigEndian: isBigEndian)
            let written = WALChecksum(first: frame.bigEndian(16), second: frame.bigEndian(20))
            guard [frame.bigEndian(8), frame.bigEndian(12)] == salts, sum == written,
                frame.bigEndian(0) > 0
            else { return nil }
            return Frame(page: frame.bigEndian(0), pagesAfterCommit: frame.bigEndian(4))
        }
        guard let frame else { return nil }
        checksum = sum
        count += 1
        return frame
    }
}
