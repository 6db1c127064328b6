import Synchronization
import VarveFormat
import VarveRepository

/// Where the bytes of one file lie, for reading any range of it.
final class FileBytes: Sendable {
    /// A place in the content from which chunks can be walked on.
    private struct Position: Sendable {
        var start: Int
        var cursor: ContentCursor
    }

    let size: Int
    private let content: Content
    private let runs: DataRuns
    /// Where others stopped, so that who reads in order needs not walk the lists from their beginning.
    private let positions = Mutex<[Position]>([])

    init(_ node: Node) {
        size = node.size
        content = node.content ?? .empty
        runs = DataRuns(node)
    }

    /// Whether it is worth remembering.
    static func isLong(_ node: Node) -> Bool {
        !node.holes.isEmpty || (node.content?.depth ?? 0) > 0
    }

    /// Where data are, or a hole, at or behind `offset`: the end of the file counts as a hole.
    func seek(_ wanted: Stretch, from offset: Int) throws(Refusal) -> Int {
        guard (0..<size).contains(offset) else { throw .beyondEnd }
        if wanted == .hole { return runs.hole(from: offset) }
        guard let place = runs.data(from: offset) else { throw .beyondEnd }
        return place
    }

    enum Stretch { case data, hole }

    /// Calls `body` once with the bytes of a range that lies in the file: straight from the frame when one chunk
    /// has them all, else gathered in `room`. Each chunk was hashed again.
    func read(
        _ range: Range<Int>, _ reader: inout ChunkReader, _ room: borrowing ReadRoom,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws {
        guard !range.isEmpty else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let pieces = runs.pieces(inFile: range)
        if pieces.count == 1, pieces[0].count == range.count {
            let start = pieces[0].content
            return try read(content: start..<start + range.count, &reader, room, body)
        }
        let bytes = room.bytes(range.count)
        // Holes are zeros; what lay there before must not be given out.
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        for piece in pieces {
            let start = piece.file - range.lowerBound
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + piece.count])
            try fill(part, from: piece.content, &reader)
        }
        body(UnsafeRawBufferPointer(bytes))
    }

    private func read(
        content range: Range<Int>, _ reader: inout ChunkReader, _ room: borrowing ReadRoom,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws {
        var position = try position(at: range.lowerBound, &reader)
        var next = position.cursor
        if let entry = try next.next(&reader), range.upperBound <= position.start + entry.bytes {
            let start = range.lowerBound - position.start
            try Self.load(entry, &reader) { chunk in
                body(UnsafeRawBufferPointer(rebasing: chunk[start..<start + range.count]))
            }
            return remember(&position)
        }
        let bytes = room.bytes(range.count)
        try fill(bytes, from: range.lowerBound, &reader)
        body(UnsafeRawBufferPointer(bytes))
    }

    /// Fills `bytes` with the content from `start` on.
    private func fill(
        _ bytes: UnsafeMutableRawBufferPointer, from start: Int, _ reader: inout ChunkReader
    ) throws {
        var position = try position(at: start, &reader)
        var filled = 0
        while filled < bytes.count {
            var next = position.cursor
            guard let entry = try next.next(&reader) else {
                throw RepositoryError.damaged("a file", "its chunks end before it does")
            }
            let from = start + filled - position.start
            let count = min(entry.bytes - from, bytes.count - filled)
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[filled..<filled + count])
            try Self.load(entry, &reader) { chunk in
                part.copyMemory(from: UnsafeRawBufferPointer(rebasing: chunk[from..<from + count]))
            }
            filled += count
            if filled < bytes.count || from + count == entry.bytes {
                position = Position(start: position.start + entry.bytes, cursor: next)
            }
        }
        remember(&position)
    }

    private static func load(
        _ entry: Content.Entry, _ reader: inout ChunkReader,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws {
        try reader.load(entry.id) { chunk in
            guard chunk.count == entry.bytes else {
                throw RepositoryError.damaged(
                    "chunk \(entry.id)", "it has another length than its list says")
            }
            body(chunk)
        }
    }

    /// In front of the chunk in which the byte at `offset` of the content lies.
    private func position(at offset: Int, _ reader: inout ChunkReader) throws -> Position {
        let known = positions.withLock { positions in
            positions.filter { $0.start <= offset }.max { $0.start < $1.start }
        }
        var position = known ?? Position(start: 0, cursor: ContentCursor(content))
        position.start += try position.cursor.skip(to: offset - position.start, &reader)
        return position
    }

    /// Notes where somebody stopped; nothing for a file whose chunks its node names.
    private func remember(_ position: inout Position) {
        guard content.depth > 0 else { return }
        let stopped = position
        positions.withLock { positions in
            positions.removeAll { $0.start == stopped.start }
            positions.append(stopped)
            if positions.count > MountLimits.cursorsOfFile { positions.removeFirst() }
        }
    }
}
