import VarveCodec
import VarveFormat
import VarveRepository
import VarveSystem

/// Reads streams, cuts them into slabs of whole chunks, and gathers what the workers found.
///
/// All of it happens on one thread: the walker's, or one that reads a virtual tree beside it. Streams follow each other without a pause: the end of
/// one may still be with the workers when the next one begins.
final class StreamReader {
    /// Bytes that were read and have to be cut, or cut again, before the stream goes on.
    private struct Unread {
        var slab: Slab
        var range: Range<Int>
    }

    /// The stream that is read now.
    private struct Current {
        let input: any ContentInput
        let content: StreamContent
        var prediction: Prediction?
        var isPaged: Bool?
        /// Where the next slab starts in the stream.
        var offset = 0
        var isAtEnd = false
        var unread: [Unread] = []
    }

    private let pipeline: Pipeline
    /// Slabs that workers are done with.
    private let results: BoundedQueue<Slab>
    private var scan: ChunkScan
    private let slabBytes: Int
    /// Slabs in memory; two fewer may be predicted and not yet confirmed.
    private let slabsMax: Int
    private var free: [Slab] = []
    private var slabCount = 0
    private var streamsOpen = 0
    private var current: Current?
    private var reader: ChunkReader
    private var writer: ChunkWriter

    /// Has at most `slabs` slabs in memory.
    init(
        _ pipeline: Pipeline, _ session: WriteSession, slabs: Int = TakingLimits.slabs
    ) throws {
        self.pipeline = pipeline
        results = pipeline.makeResults(capacity: max(slabs, TakingLimits.slabsMin))
        let parameters = try session.repository.chunker
        scan = ChunkScan(session.repository.gear, parameters)
        slabBytes = max(TakingLimits.slabBytes, parameters.max * 3 / 2)
        slabsMax = max(
            TakingLimits.slabsMin, min(slabs, TakingLimits.slabsBytes / slabBytes))
        reader = try ChunkReader(session.repository)
        writer = try ChunkWriter(session)
    }

    /// Lends the walker's own writer and reader of chunks.
    func withWriter<Answer>(
        _ body: (inout ChunkWriter, inout ChunkReader) throws -> Answer
    ) rethrows -> Answer {
        try body(&writer, &reader)
    }

    /// Reads `input` to its end; `complete` is called with its content, now or later. What `input` throws
    /// comes out as it is, and the stream is then to be abandoned.
    func read(
        _ input: any ContentInput, parent: Content?,
        complete: @escaping (Content) throws -> Void
    ) throws {
        let prediction =
            try unlessDamaged { try parent.flatMap { try Prediction($0, &reader) } } ?? nil
        let stream = StreamContent(complete: complete)
        current = Current(input: input, content: stream, prediction: prediction)
        streamsOpen += 1
        repeat {
            try readSlabs()
            // A wrong prediction near the end is only known when its slab has come back.
            while prediction != nil, !stream.isAllTaken, current?.unread.isEmpty == true {
                try handle(try pipeline.takeResult(from: results))
            }
        } while current?.unread.isEmpty == false
        stream.isEnded = true
        current = nil
        try finishIfDone(stream)
    }

    /// The stream that was read now has failed: what came of it so far is dropped.
    func abandon() throws {
        guard let stream = current?.content else { return }
        for unread in current?.unread ?? [] { release(unread.slab) }
        current = nil
        stream.isAbandoned = true
        stream.isEnded = true
        try finishIfDone(stream)
    }

    /// Waits for the ends of all streams.
    func finish() throws {
        while streamsOpen > 0 { try handle(try pipeline.takeResult(from: results)) }
    }

    private func readSlabs() throws {
        while true {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            while let slab = results.takeIfAny() { try handle(slab) }
            let slab = try freeSlab()
            do {
                try fill(slab)
            } catch {
                // Reading goes on with the next file, which needs it.
                free.append(slab)
                throw error
            }
            guard slab.count > 0 else {
                free.append(slab)
                return
            }
            try cut(slab)
            try send(slab)
        }
    }

    /// A slab that nobody uses; waits for one to come back when there are enough already.
    private func freeSlab() throws -> Slab {
        while true {
            if let slab = free.popLast() {
                slab.reset()
                return slab
            }
            if slabCount < slabsMax {
                slabCount += 1
                return Slab(capacity: slabBytes, results: results)
            }
            try handle(try pipeline.takeResult(from: results))
        }
    }

    private func release(_ slab: Slab) {
        slab.uses -= 1
        guard slab.uses == 0 else { return }
        // What waits for the stream's content would else live as long as this reader, which it holds.
        slab.stream = nil
        free.append(slab)
    }

    /// Fills the slab with what was read before, then from the file.
    private func fill(_ slab: Slab) throws {
        while let unread = current?.unread.first, slab.count < slab.bytes.count {
            let room = slab.bytes.count - slab.count
            let part = unread.range.prefix(room)
            UnsafeMutableRawBufferPointer(rebasing: slab.bytes[slab.count...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: unread.slab.bytes[part]))
            slab.count += part.count
            if part.count == unread.range.count {
                current?.unread.removeFirst()
                release(unread.slab)
            } else {
                current?.unread[0].range.removeFirst(part.count)
            }
        }
        guard let input = current?.input, current?.isAtEnd == false else { return }
        while slab.count < slab.bytes.count {
            let room = UnsafeMutableRawBufferPointer(rebasing: slab.bytes[slab.count...])
            let count = try input.read(into: room)
            if count == 0 {
                current?.isAtEnd = true
                return
            }
            slab.count += count
        }
    }

    /// Finds where the chunks of the slab end; what is behind the last one stays unread.
    private func cut(_ slab: Slab) throws {
        guard var stream = current else { return }
        let isEnd = stream.isAtEnd && stream.unread.isEmpty
        let isPaged = stream.isPaged ?? PageChunker.isPageStructured(prefix: slab.filled)
        stream.isPaged = isPaged
        if isPaged {
            stream.prediction = nil
            cutPages(slab, isEnd: isEnd)
        } else {
            let predicted = try predict(slab, isEnd: isEnd, &stream)
            if !predicted.isEmpty {
                slab.predictedFrom = (stream.prediction?.firstOrdinal ?? 0) - predicted.count
                take(predicted, into: slab)
            } else {
                cutScanned(slab, isEnd: isEnd)
                let hints = try unlessDamaged {
                    try stream.prediction?.hints(from: stream.offset, slab.cuts, &reader) ?? []
                }
                slab.hints = hints ?? []
            }
        }
        let end = slab.cuts.last ?? 0
        if end < slab.count {
            slab.uses += 1
            stream.unread.insert(Unread(slab: slab, range: end..<slab.count), at: 0)
        }
        stream.offset += end
        current = stream
    }

    /// The chunks that the parent has here, if its list can be read and agrees.
    private func predict(
        _ slab: Slab, isEnd: Bool, _ stream: inout Current
    ) throws -> [Content.Entry] {
        let predicted = try unlessDamaged {
            try stream.prediction?.realign(at: stream.offset, &reader)
            return try stream.prediction?.predict(slab.count, isEnd: isEnd, &reader) ?? []
        }
        if predicted == nil { stream.prediction = nil }
        return predicted ?? []
    }

    /// What is damaged in the parent costs time, no more: nil.
    private func unlessDamaged<Answer>(_ body: () throws -> Answer) throws -> Answer? {
        do {
            return try body()
        } catch RepositoryError.damaged {
            return nil
        }
    }

    private func take(_ predicted: [Content.Entry], into slab: Slab) {
        var end = 0
        for entry in predicted {
            end += entry.bytes
            slab.cuts.append(end)
            slab.predicted.append(entry.id)
        }
    }

    private func cutPages(_ slab: Slab, isEnd: Bool) {
        let end = Int64(slab.count)
        var cut: Int64 = 0
        while cut < end {
            cut = PageChunker.cut(after: cut, end: end)
            if cut < end || isEnd || cut % Int64(PageChunker.chunkBytes) == 0 {
                slab.cuts.append(Int(cut))
            }
        }
        let whole = UnsafeRawBufferPointer(rebasing: slab.filled[..<(slab.cuts.last ?? 0)])
        scan.sample(whole, into: &slab.samples)
    }

    private func cutScanned(_ slab: Slab, isEnd: Bool) {
        var cuts: [Int64] = []
        scan.cut(slab.filled, isEnd: isEnd, samples: &slab.samples, into: &cuts)
        slab.cuts += cuts.map(Int.init)
    }

    private func send(_ slab: Slab) throws {
        guard let content = current?.content else { return }
        slab.stream = content
        slab.sequence = content.sent
        content.sent += 1
        slab.uses += 1
        try pipeline.put(.slab(slab))
        // So many at most are at stake when a prediction fails, and then have to be kept.
        while !slab.predicted.isEmpty, content === current?.content,
            content.outstanding >= slabsMax - 2
        { try handle(try pipeline.takeResult(from: results)) }
    }

    /// Takes a slab that came back, and all that now are next in their stream.
    private func handle(_ slab: Slab) throws {
        guard let stream = slab.stream else { return }
        stream.accept(slab)
        while let next = stream.takeNext() {
            let start = stream.takenBytes
            try stream.append(next.found) { try writer.storeMetadata($0) }
            if next.found.count < next.cuts.count, !stream.isAbandoned {
                try rewind(next, stream)
                return
            }
            try note(next, from: start, in: stream)
            release(next)
        }
        try finishIfDone(stream)
    }

    /// Tells the prediction of the current stream what was found.
    private func note(_ slab: Slab, from start: Int, in stream: StreamContent) throws {
        guard stream === current?.content else { return }
        if !slab.predicted.isEmpty {
            current?.prediction?.confirmed(
                before: slab.predictedFrom + slab.found.count, endingAt: stream.takenBytes)
            return
        }
        var end = start
        for entry in slab.found {
            end += entry.bytes
            let known: Void? = try unlessDamaged {
                try current?.prediction?.scanned(entry, endingAt: end, &reader)
            }
            if known == nil { current?.prediction = nil }
        }
    }

    /// A chunk of `slab` was not as predicted: from there on everything is cut anew.
    private func rewind(_ slab: Slab, _ stream: StreamContent) throws {
        var again: [Unread] = []
        let found = slab.found.reduce(0) { $0 + $1.bytes }
        again.append(Unread(slab: slab, range: found..<(slab.cuts.last ?? found)))
        while stream.outstanding > 0 {
            // In whatever order they come: each has its number.
            if let next = stream.takeNext() {
                again.append(Unread(slab: next, range: 0..<(next.cuts.last ?? 0)))
            } else {
                let other = try pipeline.takeResult(from: results)
                guard other.stream === stream else {
                    try handle(other)
                    continue
                }
                stream.accept(other)
            }
        }
        stream.rewind()
        current?.prediction?.confirmed(
            before: slab.predictedFrom + slab.found.count, endingAt: stream.takenBytes)
        current?.prediction?.missed(slab.predictedFrom + slab.found.count)
        current?.unread.insert(contentsOf: again, at: 0)
        current?.offset = stream.takenBytes
    }

    private func finishIfDone(_ stream: StreamContent) throws {
        guard stream.isDone else { return }
        streamsOpen -= 1
        if !stream.isAbandoned { try stream.finish { try writer.storeMetadata($0) } }
    }
}
