import VarveFormat
import VarveRepository

/// Some bytes of an output, in order: literal ones, and those of chunks once they are read.
///
/// A mark says what begins or ends at an offset.
final class ReadWindow<Mark: Sendable>: @unchecked Sendable {
    // Unchecked: one thread at a time has a window; while it is filled, each thread writes the places
    // of its own chunks.
    private let room: UnsafeMutableRawBufferPointer

    /// Where a part of a chunk belongs.
    private struct Place {
        var from: Int
        var count: Int
        var offset: Int
    }

    private var requests: [ChunkRequest] = []
    private var places: [Place] = []
    private(set) var marks: [(offset: Int, mark: Mark)] = []
    private(set) var count = 0

    init(bytes: Int) { room = .allocate(byteCount: bytes, alignment: 4096) }

    deinit { room.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: room[..<count]) }
    var space: Int { room.count - count }
    var isEmpty: Bool { count == 0 && marks.isEmpty }
    /// Whether it holds as many requests or marks as it may.
    var isCrowded: Bool {
        requests.count >= ReadLimits.planChunks || marks.count >= ReadLimits.windowMarks
    }

    func clear() {
        requests.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
        count = 0
    }

    /// Adds bytes; there must be space for them.
    func append(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    func append(zeros: Int) {
        UnsafeMutableRawBufferPointer(rebasing: room[count..<count + zeros])
            .initializeMemory(as: UInt8.self, repeating: 0)
        count += zeros
    }

    /// Adds `range` of a chunk, whose bytes come with `fill`.
    func append(_ entry: Content.Entry, _ range: Range<Int>) {
        requests.append(ChunkRequest(id: entry.id, bytes: entry.bytes, tag: places.count))
        places.append(Place(from: range.lowerBound, count: range.count, offset: count))
        count += range.count
    }

    func append(_ mark: Mark) { marks.append((count, mark)) }

    /// Reads all chunks, with all threads; throws when one of them cannot be had.
    func fill(_ repository: Repository) throws {
        guard !requests.isEmpty else { return }
        try ReadPlan(repository, requests).run { tag, chunk in
            let place = self.places[tag]
            UnsafeMutableRawBufferPointer(rebasing: self.room[place.offset...]).copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: chunk[place.from..<place.from + place.count]))
        } damaged: { _, error in
            throw error
        }
    }
}
