/// Bytes of fixed capacity outside Swift's arrays, which no growth moves and no copy shares.
public struct ByteBuffer: ~Copyable, @unchecked Sendable {
    // Unchecked: it is the only owner of what its pointer leads to.
    public let bytes: UnsafeMutableRawBufferPointer

    public init(capacity: Int) {
        bytes = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit { bytes.deallocate() }
}
