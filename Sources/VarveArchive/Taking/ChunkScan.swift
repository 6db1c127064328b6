import VarveCodec
import VarveFormat

/// Scans bytes for cuts, and for the samples that super-features are made of.
///
/// Ordinary bytes give a sample in 128; in a long run of one byte each position may be one. So the
/// scan goes in short steps, and the samples that are kept are bounded: what repeats so much needs no
/// features, for it deduplicates.
struct ChunkScan: ~Copyable {
    private let gear: Gear
    private let parameters: ChunkerParameters
    private var step = SampleBuffer()

    private static let stepBytes = 64 << 10
    /// The samples kept are at most one for so many bytes.
    private static let bytesPerSample = 32

    init(_ gear: Gear, _ parameters: ChunkerParameters) {
        self.gear = gear
        self.parameters = parameters
    }

    /// Appends where the chunks of `bytes`, which start at a cut, end; the last one only at the end
    /// of the stream. Replaces `samples` by those of the bytes.
    mutating func cut(
        _ bytes: UnsafeRawBufferPointer, isEnd: Bool, samples: inout SampleBuffer,
        into cuts: inout [Int64]
    ) {
        var selector = CutSelector(parameters)
        scan(bytes, &samples) { step, end in
            selector.feed(step, base: 0, scannedEnd: end, into: &cuts)
        }
        if isEnd, let last = selector.finish() { cuts.append(last) }
    }

    /// Replaces `cuts` by where the chunks of `bytes` end, which start at a cut; those of page-structured ones at
    /// fixed offsets. True when that took a scan, which replaced `samples`.
    mutating func cut(
        _ bytes: UnsafeRawBufferPointer, isPaged: Bool, isEnd: Bool, samples: inout SampleBuffer,
        into cuts: inout [Int64]
    ) -> Bool {
        cuts.removeAll(keepingCapacity: true)
        let end = Int64(bytes.count)
        if isPaged {
            while (cuts.last ?? 0) < end {
                let cut = PageChunker.cut(after: cuts.last ?? 0, end: end)
                guard isEnd || cut % Int64(PageChunker.chunkBytes) == 0 else { break }
                cuts.append(cut)
            }
            return false
        }
        guard bytes.count > parameters.min || !isEnd else {
            cuts.append(end)
            return false
        }
        cut(bytes, isEnd: isEnd, samples: &samples, into: &cuts)
        return true
    }

    /// Replaces `samples` by those of the bytes.
    mutating func sample(_ bytes: UnsafeRawBufferPointer, into samples: inout SampleBuffer) {
        scan(bytes, &samples) { _, _ in }
    }

    private mutating func scan(
        _ bytes: UnsafeRawBufferPointer, _ samples: inout SampleBuffer,
        _ body: (UnsafeBufferPointer<Sample>, _ end: Int64) -> Void
    ) {
        samples.removeAll()
        var start = 0
        repeat {
            let end = min(start + Self.stepBytes, bytes.count)
            step.removeAll()
            gear.scan(bytes, from: start, to: end, into: &step)
            body(step.samples, Int64(end))
            let room = end / Self.bytesPerSample - samples.samples.count
            samples.append(step.samples.prefix(max(room, 0)))
            start = end
        } while start < bytes.count
    }
}
