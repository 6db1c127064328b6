import VarveFormat
import VarveRepository

/// A stretch of the parent's chunk list of one stream, loaded as it is needed.
struct ParentList {
    struct Chunk {
        var id: ChunkID
        /// Where it starts and ends in the parent's stream.
        var range: Range<Int>
    }

    private var cursor: ContentCursor
    /// Bytes of the parent's stream.
    let size: Int
    private var near: [Chunk] = []
    /// The ordinal of the first chunk of `near`.
    private var base = 0
    private var ordinals: [ChunkID: Int] = [:]

    init(_ content: Content) {
        cursor = ContentCursor(content)
        size = content.size
    }

    /// The chunk with this ordinal, or nil behind the last one; it must not have been discarded.
    mutating func chunk(_ ordinal: Int, _ reader: inout ChunkReader) throws -> Chunk? {
        while ordinal - base >= near.count {
            guard let entry = try cursor.next(&reader) else { return nil }
            let start = near.last?.range.upperBound ?? 0
            ordinals[entry.id] = base + near.count
            near.append(Chunk(id: entry.id, range: start..<start + entry.bytes))
        }
        return near[max(ordinal - base, 0)]
    }

    /// The ordinal of a loaded chunk with this id.
    func ordinal(of id: ChunkID) -> Int? { ordinals[id] }

    /// Chunks before `ordinal` are not needed any more.
    mutating func discard(before ordinal: Int) {
        let count = ordinal - base
        // One stays, to say where the next one starts; and many go at once, for moving costs.
        guard count > 2 * TakingLimits.realignChunks, count < near.count else { return }
        for (offset, chunk) in near[..<count].enumerated() where ordinals[chunk.id] == base + offset
        {
            ordinals[chunk.id] = nil
        }
        near.removeFirst(count)
        base = ordinal
    }
}
