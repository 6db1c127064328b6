import Synchronization
import VarveCatalog
import VarveCodec
import VarveFormat
import VarveStorage
import VarveSystem

/// Makes finished packs durable in the background, and then the segments that name them.
final class PackUploads: Sendable {
    private struct FinishedPack: Sendable {
        let pack: OpenPack
        let entry: Segment.Pack
    }

    /// Durable packs that no segment names yet.
    private struct Pending {
        var packs: [Segment.Pack] = []
        var slots: Set<UInt32> = []
        var chunkCount = 0

        mutating func add(_ other: Pending) {
            packs += other.packs
            slots.formUnion(other.slots)
            chunkCount += other.chunkCount
        }
    }

    private let repository: Repository
    private let index: Index
    private let chunks: SessionIndex
    private let packs: SessionPacks
    private let queue = BoundedQueue<FinishedPack>(capacity: WriteLimits.uploadsWaiting)
    private let pending = Mutex(Pending())
    private let segments = Mutex<[SegmentID]>([])
    private let threads = Mutex<WorkerThreads?>(nil)
    /// Why uploading ended, for whoever has a pack to hand over.
    private let failure = Mutex<(any Error)?>(nil)

    init(_ repository: Repository, _ index: Index, _ chunks: SessionIndex, _ packs: SessionPacks) {
        self.repository = repository
        self.index = index
        self.chunks = chunks
        self.packs = packs
    }

    func start() throws {
        let count = max(
            WriteLimits.uploaders, min(repository.storage.connections, WriteLimits.uploadersFar))
        let started = try WorkerThreads.start(count: count, name: "upload") { _ in
            do {
                while let finished = self.queue.take() { try self.publish(finished) }
            } catch {
                self.failure.withLock { if $0 == nil { $0 = error } }
                self.queue.fail()
                throw error
            }
        }
        threads.withLock { $0 = started }
    }

    /// Hands over a closed pack; throws when an upload has failed.
    func put(_ pack: OpenPack, _ entry: Segment.Pack) throws {
        guard queue.put(FinishedPack(pack: pack, entry: entry)) else {
            throw failure.withLock { $0 }
                ?? RepositoryError.refused(reason: "the session has ended")
        }
    }

    /// Waits for all uploads, writes the last segment, and returns all segments in order.
    func finish() throws -> [SegmentID] {
        queue.close()
        defer { forgetThreads() }
        try join()
        try writePending()
        return segments.withLock { $0 }
    }

    /// Names all durable packs in a segment now; after an error they still wait for one.
    func writePending() throws {
        let taken = pending.withLock { pending in
            defer { pending = Pending() }
            return pending
        }
        do {
            try writeSegment(taken)
        } catch {
            pending.withLock { $0.add(taken) }
            throw error
        }
    }

    /// The segments that were stored so far.
    var segmentsWritten: [SegmentID] { segments.withLock { $0 } }

    func cancel() {
        queue.fail()
        try? join()
        forgetThreads()
    }

    /// Their body holds these uploads, which hold them.
    private func forgetThreads() { threads.withLock { $0 = nil } }

    private func join() throws {
        try threads.withLock { $0 }?.join()
    }

    private func publish(_ finished: FinishedPack) throws {
        let (pack, id) = (finished.pack, finished.entry.id)
        packs.set(pack.slot, .publishing)
        do {
            try pack.staged.publish(as: ObjectName.pack(id, pack.contents))
        } catch {
            throw error.kind == .interrupted ? RepositoryError.interrupted : .storage(error)
        }
        packs.set(pack.slot, .published(id, pack.contents))
        let full = pending.withLock { pending -> Pending? in
            pending.packs.append(finished.entry)
            pending.slots.insert(pack.slot)
            pending.chunkCount += pack.chunkCount
            guard pending.chunkCount >= WriteLimits.segmentChunks else { return nil }
            defer { pending = Pending() }
            return pending
        }
        if let full { try writeSegment(full) }
    }

    /// From here on the catalog knows the chunks, and the session forgets them.
    private func writeSegment(_ pending: Pending) throws {
        guard !pending.packs.isEmpty else { return }
        let segment = Segment(packs: pending.packs)
        let id = try repository.put(segment)
        segments.withLock { $0.append(id) }
        try index.add(segment, id: id)
        chunks.removePlaced(in: pending.slots)
    }
}
