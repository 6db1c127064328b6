import VarveCrypto
import VarveFormat
import VarveSystem

/// A file of chunk ids in ascending order, each with how often it is referred to.
///
/// An entry is the id (32 bytes) and its count (u32, little-endian). The digest, which whoever names
/// the file has, stands for all bytes.
struct EdgeTable {
    static let entryBytes = 36

    let path: String
    var count: Int
    var digest: RunDigest
}

/// Writes an `EdgeTable` from front to back.
struct EdgeTableWriter: ~Copyable {
    private let path: String
    private var sink: FileSink
    private var hash = SHA256Context()
    private var count = 0

    init(path: String) throws(SystemError) {
        self.path = path
        sink = FileSink(try File.createExclusively(path))
    }

    /// Takes ids in ascending order.
    mutating func append(_ id: ChunkID, _ count: UInt32) throws(SystemError) {
        try withUnsafeTemporaryAllocation(byteCount: EdgeTable.entryBytes, alignment: 8) {
            (entry) throws(SystemError) in
            id.write(to: entry.baseAddress!)
            entry.storeBytes(of: count.littleEndian, toByteOffset: 32, as: UInt32.self)
            hash.update(UnsafeRawBufferPointer(entry))
            try sink.write(UnsafeRawBufferPointer(entry))
        }
        self.count += 1
    }

    mutating func finish() throws(SystemError) -> EdgeTable {
        try sink.flush()
        return EdgeTable(path: path, count: count, digest: RunDigest(finishing: &hash))
    }
}

/// Reads an `EdgeTable` from front to back.
///
/// What it showed counts only once `finish` has found that all bytes were those written.
final class EdgeTableScan {
    private static let bufferEntries = 4 << 10

    private let file: File
    private let table: EdgeTable
    private var hash = SHA256Context()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: bufferEntries * EdgeTable.entryBytes, alignment: 8)
    private var held = 0
    private var position = 0
    private var read = 0

    init(_ table: EdgeTable) throws(CatalogError) {
        guard let file = try? File.openToRead(table.path) else { throw .damaged }
        self.file = file
        self.table = table
        try fill()
    }

    deinit { buffer.deallocate() }

    /// The id that `advance` goes past; nil at the end.
    var id: ChunkID? { position < held ? ChunkID(at: entry) : nil }
    var count: UInt32 {
        UInt32(littleEndian: entry.loadUnaligned(fromByteOffset: 32, as: UInt32.self))
    }

    private var entry: UnsafeRawPointer {
        UnsafeRawPointer(buffer.baseAddress! + position * EdgeTable.entryBytes)
    }

    func advance() throws(CatalogError) {
        position += 1
        if position == held { try fill() }
    }

    private func fill() throws(CatalogError) {
        position = 0
        held = min(table.count - read, Self.bufferEntries)
        guard held > 0 else { return }
        let part = UnsafeMutableRawBufferPointer(
            rebasing: buffer[..<(held * EdgeTable.entryBytes)])
        try file.readExactly(part, at: read * EdgeTable.entryBytes)
        hash.update(UnsafeRawBufferPointer(part))
        read += held
    }

    /// Goes to the end, and throws unless the table was what its digest says.
    func finish() throws(CatalogError) {
        while position < held { try advance() }
        guard RunDigest(finishing: &hash) == table.digest else { throw .damaged }
    }
}

extension Identifier where Kind == RunDigestKind {
    fileprivate init(finishing hash: inout SHA256Context) {
        self = withUnsafeTemporaryAllocation(byteCount: SHA256.byteCount, alignment: 8) { digest in
            hash.finish(into: digest.baseAddress!)
            return RunDigest(at: digest.baseAddress!)
        }
    }
}
