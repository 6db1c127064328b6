import Synchronization
import VarveCatalog
public import VarveFormat
import VarveStorage
import VarveSystem

/// One place that wants the bytes of a chunk.
public struct ChunkRequest: Sendable {
    public var id: ChunkID
    /// The length that whoever asks has written down; nil when they have none.
    public var bytes: Int?
    /// The caller's number for what to do with them.
    public var tag: Int

    public init(id: ChunkID, bytes: Int?, tag: Int) {
        self.id = id
        self.bytes = bytes
        self.tag = tag
    }
}

/// Reads many chunks so that each frame is read and opened once, in the order of packs and frames.
public struct ReadPlan: Sendable {
    /// What is wanted of one frame: the requests in `range`.
    private struct FrameTask: Sendable {
        var place: ChunkPlace
        var range: Range<Int>
    }

    private struct Located: Sendable {
        var place: ChunkPlace
        var request: ChunkRequest
    }

    private let repository: Repository
    private var located: [Located] = []
    private var tasks: [FrameTask] = []
    /// Requests whose chunk is in no index segment.
    private var unknown: [ChunkRequest] = []
    /// Whether frames stay in memory for the next plan, as far as there is room.
    private let keepsFrames: Bool

    public init(
        _ repository: Repository, _ requests: [ChunkRequest], keepingFrames: Bool = false
    ) throws {
        self.repository = repository
        keepsFrames = keepingFrames
        var reader = try ChunkReader(repository)
        located.reserveCapacity(requests.count)
        for request in requests {
            if let place = try reader.firstPlace(request.id) {
                located.append(Located(place: place, request: request))
            } else {
                unknown.append(request)
            }
        }
        located.sort { a, b in
            (a.place.pack, a.place.frameOffset, a.place.position, a.request.tag)
                < (b.place.pack, b.place.frameOffset, b.place.position, b.request.tag)
        }
        group()
    }

    /// One task for each frame; several for a frame of deltas, which holds few bytes and much work.
    private mutating func group() {
        var start = 0
        for index in located.indices {
            let isLast = index == located.count - 1
            let (place, next) = (located[index].place, isLast ? nil : located[index + 1].place)
            if next?.pack == place.pack, next?.frameOffset == place.frameOffset,
                !place.isDelta || index + 1 - start < ReadLimits.deltasTogether
            {
                continue
            }
            tasks.append(FrameTask(place: place, range: start..<index + 1))
            start = index + 1
        }
    }

    /// Calls `body` from several threads, once for each request, with bytes that were hashed again;
    /// calls `damaged` for each request whose bytes cannot be had. Both may end it by throwing.
    public func run(
        _ body: @Sendable (_ tag: Int, UnsafeRawBufferPointer) throws -> Void,
        damaged: @Sendable (_ tag: Int, RepositoryError) throws -> Void
    ) throws {
        let index = try repository.loadIndex()
        for request in unknown { try damaged(request.tag, index.unknown(request.id)) }
        let isFar = repository.storage.connections > 1
        let spans =
            isFar
            ? FrameSpans(spans(index.catalog), repository.storage, repository.spanMemory) : nil
        try spans?.start()
        defer { spans?.stop() }
        let next = Atomic(0)
        let failed = Atomic(false)
        try WorkerThreads.run(count: min(threads(isFar), max(tasks.count, 1)), name: "read") { _ in
            do {
                var reader = try ChunkReader(repository)
                while !failed.load(ordering: .relaxed) {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard index < tasks.count else { return }
                    guard let spans else {
                        try read(tasks[index], nil, &reader, body, damaged)
                        continue
                    }
                    try spans.with(index, tasks[index].place.stored) { stored in
                        try read(tasks[index], stored, &reader, body, damaged)
                    }
                }
            } catch {
                failed.store(true, ordering: .relaxed)
                throw error
            }
        }
    }

    /// More than there are processors where each may wait for the base of a delta.
    private func threads(_ isFar: Bool) -> Int {
        isFar && tasks.contains { $0.place.isDelta } ? ReadLimits.threadsFar : ReadLimits.threads
    }

    /// What is read at once, in the order of the tasks.
    private func spans(_ catalog: Catalog) -> [FrameSpan] {
        var spans: [FrameSpan] = []
        for (index, task) in tasks.enumerated() {
            let pack = ObjectName.pack(catalog.packID(task.place.pack), task.place.contents)
            let frame = task.place.stored
            if let last = spans.last, last.reaches(frame, of: pack) {
                spans[spans.count - 1].range =
                    last.range.lowerBound..<max(last.range.upperBound, frame.upperBound)
                spans[spans.count - 1].tasks = last.tasks.lowerBound..<index + 1
            } else {
                spans.append(FrameSpan(pack: pack, range: frame, tasks: index..<index + 1))
            }
        }
        return spans
    }

    /// `stored` are the bytes of the frame where they were read ahead.
    private func read(
        _ task: FrameTask, _ stored: UnsafeRawBufferPointer?, _ reader: inout ChunkReader,
        _ body: (Int, UnsafeRawBufferPointer) throws -> Void,
        _ damaged: (Int, RepositoryError) throws -> Void
    ) throws {
        let frame: LoadedFrame
        do {
            frame = try reader.frame(at: task.place, stored, isKept: keepsFrames)
        } catch RepositoryError.damaged {
            return try readApart(task, &reader, body, damaged)
        }
        var index = task.range.lowerBound
        while index < task.range.upperBound {
            let item = located[index]
            var end = index + 1
            while end < task.range.upperBound,
                located[end].place.position == item.place.position
            { end += 1 }
            defer { index = end }
            let bytes: UnsafeRawBufferPointer
            do {
                bytes = try reader.bytes(
                    item.request.id, at: Int(item.place.position), of: frame, item.place)
            } catch RepositoryError.damaged {
                let rest = FrameTask(place: task.place, range: index..<end)
                try readApart(rest, &reader, body, damaged)
                continue
            }
            for same in index..<end {
                try deliver(bytes, located[same].request, body, damaged)
            }
        }
        withExtendedLifetime(frame) {}
    }

    /// The frame is damaged: each chunk may still have another copy.
    private func readApart(
        _ task: FrameTask, _ reader: inout ChunkReader,
        _ body: (Int, UnsafeRawBufferPointer) throws -> Void,
        _ damaged: (Int, RepositoryError) throws -> Void
    ) throws {
        for index in task.range {
            let request = located[index].request
            let bytes: [UInt8]
            do {
                bytes = try reader.load(request.id)
            } catch let error as RepositoryError {
                guard case .damaged = error else { throw error }
                try damaged(request.tag, error)
                continue
            }
            try bytes.withUnsafeBytes { try deliver($0, request, body, damaged) }
        }
    }

    private func deliver(
        _ bytes: UnsafeRawBufferPointer, _ request: ChunkRequest,
        _ body: (Int, UnsafeRawBufferPointer) throws -> Void,
        _ damaged: (Int, RepositoryError) throws -> Void
    ) throws {
        guard request.bytes == nil || bytes.count == request.bytes else {
            return try damaged(request.tag, ChunkReader.wrongLength(request.id))
        }
        try body(request.tag, bytes)
    }
}

extension ChunkPlace {
    /// Where its frame lies in the pack.
    var stored: Range<Int> { Int(frameOffset)..<Int(frameOffset) + Int(frameBytes) }
}
