import Synchronization
import VarveStorage
import VarveSystem

/// What lies together in a pack and is read at once from a far storage.
struct FrameSpan: Sendable {
    var pack: String
    var range: Range<Int>
    /// The tasks, by their numbers, whose frames lie in it.
    var tasks: Range<Int>

    /// Whether a frame of the same pack is near enough behind it.
    func reaches(_ frame: Range<Int>, of pack: String) -> Bool {
        pack == self.pack && frame.lowerBound >= range.lowerBound
            && frame.lowerBound - range.upperBound <= ReadLimits.spanGapBytes
            && frame.upperBound - range.lowerBound <= ReadLimits.spanBytes
    }
}

/// Reads the spans of a plan ahead of those who open the frames in them, several at once.
///
/// Whoever comes to a span first reads it, and others wait for that. Those who read ahead stop when
/// there is enough in memory; those who need a span never wait for room.
final class FrameSpans: Sendable {
    private struct Held {
        var bytes: FrameMemory.Buffer?
        var tasksLeft: Int
        var isTried = false
        /// Whether it takes some of the room for reading ahead.
        var isAhead = false
    }

    private final class Entry: Sendable {
        let span: FrameSpan
        let held: Mutex<Held>
        init(_ span: FrameSpan) {
            self.span = span
            held = Mutex(Held(tasksLeft: span.tasks.count))
        }
    }

    private let storage: any Storage
    private let memory: FrameMemory
    private let entries: [Entry]
    /// The span of each task.
    private let owners: [Int]
    private let next = Atomic(0)
    /// Holds an element for each span that was read ahead and is in memory.
    private let room = BoundedQueue<Void>(capacity: ReadLimits.spansAhead)
    private let threads = Mutex<WorkerThreads?>(nil)

    /// `memory` is for buffers of the length of a span.
    init(_ spans: [FrameSpan], _ storage: any Storage, _ memory: FrameMemory) {
        (self.storage, self.memory) = (storage, memory)
        entries = spans.map(Entry.init)
        owners = spans.indices.flatMap { span in spans[span].tasks.map { _ in span } }
    }

    func start() throws {
        let count = min(storage.connections, ReadLimits.spansAhead, entries.count)
        let started = try WorkerThreads.start(count: count, name: "ahead") { _ in
            // Room first: what is read next is then never behind something that waits for room.
            while self.room.put(()) { guard self.readNext() else { return } }
        }
        threads.withLock { $0 = started }
    }

    /// Nobody reads ahead after this has returned.
    func stop() {
        room.close()
        // They throw nothing: what cannot be read is found by whoever needs it.
        try? threads.withLock { $0.take() }?.join()
    }

    /// Reads the next span that nobody has read; false when there is none.
    private func readNext() -> Bool {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < entries.count else {
                _ = room.takeIfAny()
                return false
            }
            let isRead = entries[index].held.withLock { held in
                guard !held.isTried, held.tasksLeft > 0 else { return false }
                read(entries[index].span, &held)
                held.isAhead = true
                return true
            }
            if isRead { return true }
        }
    }

    private func read(_ span: FrameSpan, _ held: inout Held) {
        held.isTried = true
        // A frame that long, or an index that says so, is for those to judge who open it.
        guard span.range.count <= ReadLimits.spanBytes else { return }
        let buffer = memory.take(ReadLimits.spanBytes)
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<span.range.count])
        do throws(StorageError) {
            try storage.read(span.pack, at: span.range.lowerBound, into: room)
            held.bytes = buffer
        } catch {
            // Each frame is asked for by itself then, and says what is wrong with it.
        }
    }

    /// Runs `body` with the stored bytes at `range` of the pack that a task is about; with none when
    /// they could not be read. To be called once for each task.
    func with<Answer>(
        _ task: Int, _ range: Range<Int>, _ body: (UnsafeRawBufferPointer?) throws -> Answer
    ) rethrows -> Answer {
        let entry = entries[owners[task]]
        let bytes = entry.held.withLock { held in
            if !held.isTried { read(entry.span, &held) }
            return held.bytes
        }
        defer { finish(entry) }
        let start = entry.span.range.lowerBound
        return try body(
            bytes.map {
                UnsafeRawBufferPointer(
                    rebasing: $0.bytes[range.lowerBound - start..<range.upperBound - start])
            })
    }

    /// Lets go of a span when all its tasks are done.
    private func finish(_ entry: Entry) {
        let isOver = entry.held.withLock { held in
            held.tasksLeft -= 1
            guard held.tasksLeft == 0 else { return false }
            held.bytes = nil
            return held.isAhead
        }
        if isOver { _ = room.takeIfAny() }
    }
}
