/// One thread's room for the bytes of an answer.
struct ReadRoom: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer

    init(bytesMax: Int) { buffer = .allocate(byteCount: bytesMax, alignment: 4_096) }

    deinit { buffer.deallocate() }

    /// The first `count` bytes, at most as many as there is room for.
    func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    }
}
