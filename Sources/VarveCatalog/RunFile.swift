import VarveSystem

/// Reading a run: whatever does not come as it should is damage.
extension File {
    func readExactly(
        _ buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(CatalogError) {
        guard let count = try? readFully(at: offset, into: buffer), count == buffer.count else {
            throw .damaged
        }
    }

    /// So many bytes from `offset`; the caller deallocates them.
    func read(
        _ byteCount: Int, at offset: Int
    ) throws(CatalogError) -> UnsafeMutableRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
        do throws(CatalogError) {
            try readExactly(buffer, at: offset)
            return buffer
        } catch {
            buffer.deallocate()
            throw error
        }
    }

    func checkedSize() throws(CatalogError) -> Int {
        do { return try size } catch { throw .damaged }
    }
}

/// A new file that is written from front to back in large pieces.
struct FileSink: ~Copyable {
    private static let bufferBytes = 256 << 10

    private let file: File
    private var buffer: [UInt8] = []

    init(_ file: consuming File) {
        self.file = file
        buffer.reserveCapacity(Self.bufferBytes)
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        if buffer.count + bytes.count > Self.bufferBytes { try flush() }
        if bytes.count > Self.bufferBytes {
            try file.write(bytes)
        } else {
            buffer.append(contentsOf: bytes)
        }
    }

    mutating func write(_ bytes: [UInt8]) throws(SystemError) {
        try flush()
        try file.write(bytes)
    }

    /// Gives the kernel all that was written.
    mutating func flush() throws(SystemError) {
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
