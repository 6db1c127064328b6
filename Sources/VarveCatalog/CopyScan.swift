import VarveFormat
import VarveSystem

extension CatalogState {
    /// Calls `body` once for each chunk that has a live copy, with all of these, the newest run's
    /// first.
    ///
    /// Chunks come in the order of the first eight bytes of their ids. A thread of its own reads and
    /// checks the tables, which takes about as long as what is done with them.
    func forEachChunkWithCopies(_ body: (ChunkID, ArraySlice<ChunkPlace>) throws -> Void) throws {
        let queue = BoundedQueue<CopyBatch>(capacity: CopyBatch.queued)
        let reader = try WorkerThreads.start(count: 1, name: "catalog") { [self] _ in
            defer { queue.close() }
            try read(into: queue)
        }
        do {
            while let batch = queue.take() {
                var rest = batch.copies[...]
                for (id, count) in batch.chunks {
                    try body(id, rest.prefix(count))
                    rest = rest.dropFirst(count)
                }
            }
        } catch {
            queue.fail()
            try? reader.join()
            throw error
        }
        try reader.join()
    }

    /// Ends early when nobody takes from the queue any more.
    private func read(into queue: BoundedQueue<CopyBatch>) throws {
        let scans = try runs.map { try TableScan($0.chunks, of: $0) }
        // Where each of them stands.
        var prefixes = scans.map(\.prefix)
        var batch = CopyBatch()
        // Of one prefix; most often that is one entry, and then they stay empty.
        var ids: [ChunkID] = []
        var copies: [ChunkPlace] = []
        while let prefix = Self.least(prefixes) {
            for index in prefixes.indices where prefixes[index] == prefix {
                let scan = scans[index]
                while let pointer = scan.entry, prefixes[index] == prefix {
                    let entry = ChunkEntry(pointer: pointer)
                    let place = try place(of: entry, in: runs[index])
                    let id = entry.id
                    try scan.advance()
                    prefixes[index] = scan.prefix
                    guard isLive(id, in: place.pack) else { continue }
                    if ids.isEmpty, !prefixes.contains(prefix) {
                        batch.append(id, place)
                    } else {
                        ids.append(id)
                        copies.append(place)
                    }
                }
            }
            if let first = ids.first {
                if ids.allSatisfy({ $0 == first }), Self.areDistinct(copies) {
                    batch.append(first, copies)
                } else {
                    Self.split(ids, copies) { batch.append($0, $1) }
                }
                (ids, copies) = ([], [])
            }
            if batch.isFull {
                guard queue.put(batch) else { return }
                batch = CopyBatch()
            }
        }
        queue.put(batch)
    }

    private static func least(_ prefixes: [UInt64?]) -> UInt64? {
        var least: UInt64?
        for case let prefix? in prefixes { least = min(prefix, least ?? .max) }
        return least
    }

    private static func areDistinct(_ copies: [ChunkPlace]) -> Bool {
        copies.indices.dropFirst().allSatisfy { !copies[..<$0].contains(copies[$0]) }
    }

    /// Several ids may begin alike, and several runs may name one copy.
    private static func split(
        _ ids: [ChunkID], _ copies: [ChunkPlace], _ body: (ChunkID, [ChunkPlace]) -> Void
    ) {
        var done: [ChunkID] = []
        for id in ids where !done.contains(id) {
            done.append(id)
            var places: [ChunkPlace] = []
            for (other, place) in zip(ids, copies) where other == id && !places.contains(place) {
                places.append(place)
            }
            body(id, places)
        }
    }
}

extension TableScan {
    fileprivate var prefix: UInt64? { entry.map { ChunkEntry(pointer: $0).prefix } }
}

/// Chunks with their copies, on the way from the thread that reads to the one that asked.
private struct CopyBatch {
    /// So many batches wait.
    static let queued = 4
    private static let copiesMax = 2048

    private(set) var chunks: [(id: ChunkID, copies: Int)] = []
    private(set) var copies: [ChunkPlace] = []

    init() {
        chunks.reserveCapacity(Self.copiesMax)
        copies.reserveCapacity(Self.copiesMax)
    }

    var isFull: Bool { copies.count >= Self.copiesMax }

    mutating func append(_ id: ChunkID, _ copy: ChunkPlace) {
        chunks.append((id, 1))
        copies.append(copy)
    }

    mutating func append(_ id: ChunkID, _ copies: [ChunkPlace]) {
        chunks.append((id, copies.count))
        self.copies += copies
    }
}
