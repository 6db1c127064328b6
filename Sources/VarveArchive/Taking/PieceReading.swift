import VarveCodec

/// Reads a stream through one buffer of `room` bytes, in pieces that each begin at a cut.
///
/// `read` fills what it is given from an offset on, and comes short only at the end. `use` takes a piece and
/// answers how many bytes it has cut; the rest comes again with what follows. The last piece is at the end.
func readPieces(
    room: Int, _ read: (_ offset: Int, UnsafeMutableRawBufferPointer) throws -> Int,
    _ use: (UnsafeRawBufferPointer, _ isPaged: Bool, _ isEnd: Bool) throws -> Int
) throws {
    let buffer = ByteBuffer(capacity: room)
    var (offset, filled, isPaged) = (0, 0, false)
    while true {
        let count = try read(
            offset, UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[filled...]))
        if offset == 0 {
            isPaged = PageChunker.isPageStructured(
                prefix: UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
        }
        offset += count
        filled += count
        let isEnd = filled < buffer.bytes.count
        let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<filled])
        let used = try use(bytes, isPaged, isEnd)
        if isEnd { return }
        let rest = UnsafeRawBufferPointer(rebasing: buffer.bytes[used..<filled])
        buffer.bytes.copyMemory(from: rest)
        filled = rest.count
    }
}
