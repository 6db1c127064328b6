import VarveCodec
import VarveFormat
import VarveSystem

/// A stretch of a stream that starts at a cut, with where its chunks end.
///
/// It belongs to one thread at a time: the reader fills it, a worker works it off, the reader takes
/// it back.
final class Slab: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
    /// Where it goes when it is worked off: back to its reader.
    let results: BoundedQueue<Slab>
    /// Filled bytes.
    var count = 0
    /// Of the bytes up to the last cut, unless the chunks are predicted.
    var samples = SampleBuffer()
    /// Where each chunk ends.
    var cuts: [Int] = []
    /// What the parent says the chunks are; empty when they were scanned.
    var predicted: [ChunkID] = []
    /// For each scanned chunk the parent's chunk at its place, as far as there is one.
    var hints: [ChunkID?] = []
    /// The ordinal of the first of them in the parent's list.
    var predictedFrom = 0
    var stream: StreamContent?
    /// Its number among the slabs of the stream.
    var sequence = 0

    // What the worker found.
    var found: [Content.Entry] = []

    // The reader's own: how many of its uses are not over.
    var uses = 0

    init(capacity: Int, results: BoundedQueue<Slab>) {
        bytes = .allocate(byteCount: capacity, alignment: 4096)
        self.results = results
    }

    deinit { bytes.deallocate() }

    var filled: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[..<count]) }

    func reset() {
        count = 0
        samples.removeAll()
        cuts.removeAll(keepingCapacity: true)
        predicted.removeAll(keepingCapacity: true)
        hints.removeAll(keepingCapacity: true)
        found.removeAll(keepingCapacity: true)
        stream = nil
    }

    /// The chunks as ranges of the bytes.
    func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : cuts[index - 1])..<cuts[index] }
}
