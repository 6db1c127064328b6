import CZlib

/// Compression to raw deflate data (RFC 1951) with one reused context.
public struct Deflate: ~Copyable, @unchecked Sendable {
    // Unchecked: the only owner of the context, which belongs to no thread.
    private let stream = ZlibStream.make()

    /// zlib's effort for what compresses; 0 stores.
    public static let standardLevel = 6
    /// Bytes that zlib is given at once; its counts have 32 bits.
    private static let pieceBytesMax = 1 << 30

    public init() throws(ZlibError) {
        let code = deflateInit2_(
            stream, Int32(Self.standardLevel), Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            // `deinit` does not run for a value that never was.
            stream.deallocate()
            throw .library(operation: "deflateInit2", code: Int(code))
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Begins new data; at level 0 it is stored, in blocks.
    public mutating func begin(level: Int) throws(ZlibError) {
        var code = deflateReset(stream)
        if code == Z_OK { code = deflateParams(stream, Int32(level), Z_DEFAULT_STRATEGY) }
        guard code == Z_OK else { throw .library(operation: "deflateReset", code: Int(code)) }
    }

    /// Compresses some more, or ends the data; `body` gets what comes out, through `room`.
    public mutating func compress(
        _ bytes: UnsafeRawBufferPointer, isEnd: Bool = false,
        through room: UnsafeMutableRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var rest = bytes[...]
        repeat {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceBytesMax))
            rest = rest.dropFirst(piece.count)
            try compress(
                piece, flush: isEnd && rest.isEmpty ? Z_FINISH : Z_NO_FLUSH, through: room, body)
        } while !rest.isEmpty
    }

    private mutating func compress(
        _ piece: UnsafeRawBufferPointer, flush: Int32,
        through room: UnsafeMutableRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        stream.lend(piece, room)
        while true {
            let code = deflate(stream, flush)
            guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
                throw ZlibError.library(operation: "deflate", code: Int(code))
            }
            let isFull = stream.pointee.avail_out == 0
            let count = room.count - Int(stream.pointee.avail_out)
            if count > 0 { try body(UnsafeRawBufferPointer(rebasing: room[..<count])) }
            if code == Z_STREAM_END || flush == Z_NO_FLUSH && !isFull { return }
            stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(room.count)
        }
    }
}
