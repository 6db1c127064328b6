import VarveCodec
import VarveFormat
import VarveRepository

/// Whether what is read now agrees with the parent's chunk list, and what therefore comes next.
///
/// While the two agree, the next chunks are predicted: bytes that have the predicted length and
/// SHA-256 are a chunk that the scanner would have cut, so they need no scan. After a miss the
/// scanner works until it has found several chunks of the list in a row.
struct Prediction {
    private var list: ParentList
    /// The ordinal of the next chunk to predict; nil while scanning.
    private var next: Int?
    /// Where predicting began.
    private var began = 0
    /// The ordinal that the next scanned chunk should have, and how many in a row had theirs.
    private var expected = 0
    private var streak = 0
    private var streakNeeded = TakingLimits.alignedChunksMin
    /// Where in this stream the chunk `expected` would start.
    private var place = 0

    /// Nil when there is nothing to predict, or the list was cut at fixed places.
    init?(_ content: Content, _ reader: inout ChunkReader) throws {
        list = ParentList(content)
        var pages = 0
        for ordinal in 0..<4 {
            guard let chunk = try list.chunk(ordinal, &reader) else { break }
            if chunk.range.count == PageChunker.chunkBytes { pages += 1 }
        }
        guard content.size > 0, pages < 2 else { return nil }
        next = 0
    }

    /// The ordinal of the first chunk that `predict` gives next.
    var firstOrdinal: Int { next ?? expected }

    /// The chunks that a slab of `byteCount` bytes should start with; none ends predicting.
    mutating func predict(
        _ byteCount: Int, isEnd: Bool, _ reader: inout ChunkReader
    ) throws -> [Content.Entry] {
        guard var ordinal = next else { return [] }
        var entries: [Content.Entry] = []
        var end = 0
        while let chunk = try list.chunk(ordinal, &reader) {
            end += chunk.range.count
            // The end of the parent cut its last chunk: that one counts only at the end here, too.
            let isLast = chunk.range.upperBound == list.size
            guard isLast ? isEnd && end == byteCount : end <= byteCount else { break }
            entries.append(Content.Entry(id: chunk.id, bytes: chunk.range.count))
            ordinal += 1
        }
        next = entries.isEmpty ? nil : ordinal
        if entries.isEmpty { (expected, streak) = (ordinal, 0) }
        return entries
    }

    /// All chunks before `ordinal` were as predicted, and end at `offset` of this stream.
    mutating func confirmed(before ordinal: Int, endingAt offset: Int) {
        (expected, place) = (ordinal, offset)
        list.discard(before: ordinal)
    }

    /// The chunk `ordinal` was not as predicted.
    mutating func missed(_ ordinal: Int) {
        let wasShort = ordinal - began < 4 * streakNeeded
        streakNeeded =
            wasShort
            ? min(streakNeeded * 2, TakingLimits.alignedChunksMax) : TakingLimits.alignedChunksMin
        (next, expected, streak) = (nil, ordinal, 0)
    }

    /// Takes note of a chunk that was scanned and ends at `offset` of this stream.
    mutating func scanned(
        _ entry: Content.Entry, endingAt offset: Int, _ reader: inout ChunkReader
    ) throws {
        guard next == nil else { return }
        if try list.chunk(expected, &reader)?.id == entry.id {
            streak += 1
            expected += 1
        } else {
            _ = try list.chunk(expected + TakingLimits.realignChunks, &reader)
            guard let found = list.ordinal(of: entry.id), found >= expected else {
                return try fallBehind(offset, &reader)
            }
            streak = 1
            expected = found + 1
        }
        place = offset
        list.discard(before: expected)
    }

    /// Nothing agrees: the place in the parent's list follows the stream at a distance.
    private mutating func fallBehind(_ offset: Int, _ reader: inout ChunkReader) throws {
        streak = 0
        guard let chunk = try list.chunk(expected, &reader),
            offset - place > TakingLimits.realignChunks * chunk.range.count
        else { return }
        place += chunk.range.count
        expected += 1
        list.discard(before: expected)
    }

    /// Begins to predict at the cut `offset` of this stream, if enough chunks agreed and it is a cut
    /// of the parent, too.
    mutating func realign(at offset: Int, _ reader: inout ChunkReader) throws {
        guard next == nil, streak >= streakNeeded else { return }
        var (ordinal, end) = (expected, place)
        while end < offset, let chunk = try list.chunk(ordinal, &reader) {
            end += chunk.range.count
            ordinal += 1
        }
        guard end == offset else { return }
        (next, began) = (ordinal, ordinal)
    }

    /// For chunks that were scanned from `offset` on and end at `cuts` behind it: the chunks at the
    /// same places of the parent's list, which they may resemble.
    mutating func hints(
        from offset: Int, _ cuts: [Int], _ reader: inout ChunkReader
    ) throws -> [ChunkID?] {
        var (ordinal, start) = (expected, place)
        var hints: [ChunkID?] = []
        var chunkStart = offset
        for cut in cuts {
            let middle = (chunkStart + offset + cut) / 2
            var hint: ChunkID?
            while start <= middle, let chunk = try list.chunk(ordinal, &reader) {
                hint = chunk.id
                guard start + chunk.range.count <= middle else { break }
                start += chunk.range.count
                ordinal += 1
            }
            hints.append(hint)
            chunkStart = offset + cut
        }
        return hints
    }
}
