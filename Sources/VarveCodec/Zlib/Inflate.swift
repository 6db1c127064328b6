import CZlib

/// Decompression of one gzip member (RFC 1952) after the other with one reused context.
///
/// zlib checks each member's header, its CRC-32 and its length.
public struct Inflate: ~Copyable, @unchecked Sendable {
    // Unchecked: the only owner of the context, which belongs to no thread.
    private let stream = ZlibStream.make()

    /// Makes zlib expect the header of gzip, and no other.
    private static let gzipOnly: Int32 = 16

    /// What one call came to.
    public struct Step: Sendable, Equatable {
        /// Bytes of the input that were used.
        public var used: Int
        /// Bytes of the room that were filled.
        public var filled: Int
        /// Whether the member is at its end; the next call needs `begin()` before.
        public var isEnd: Bool
    }

    public init() throws(ZlibError) {
        let code = inflateInit2_(
            stream, Self.gzipOnly + MAX_WBITS, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            // `deinit` does not run for a value that never was.
            stream.deallocate()
            throw .library(operation: "inflateInit2", code: Int(code))
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Begins a new member.
    public mutating func begin() throws(ZlibError) {
        let code = inflateReset(stream)
        guard code == Z_OK else { throw .library(operation: "inflateReset", code: Int(code)) }
    }

    /// Decompresses what it can of `input`, at most 4 GiB, into `room`.
    public mutating func decompress(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) throws(ZlibError) -> Step {
        stream.lend(input, room)
        let code = inflate(stream, Z_NO_FLUSH)
        switch code {
        case Z_OK, Z_STREAM_END, Z_BUF_ERROR: break
        case Z_DATA_ERROR, Z_NEED_DICT: throw .corrupt(reason: stream.reason)
        default: throw .library(operation: "inflate", code: Int(code))
        }
        return Step(
            used: input.count - Int(stream.pointee.avail_in),
            filled: room.count - Int(stream.pointee.avail_out), isEnd: code == Z_STREAM_END)
    }
}
