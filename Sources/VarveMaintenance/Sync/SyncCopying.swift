import Synchronization
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// Copies the frames of one window to every destination that wants something of them.
///
/// First what is full, then deltas: by then it shows which bases are there.
final class SyncCopying: Sendable {
    private let source: Repository
    private let destinations: [SyncDestination]
    private let observer: SyncObserver
    /// Chunks of which no copy at the source can be read.
    private let unreadable = Mutex<Set<ChunkID>>([])

    init(
        _ source: Repository, _ destinations: [SyncDestination],
        _ observer: @escaping SyncObserver
    ) {
        self.source = source
        self.destinations = destinations
        self.observer = observer
    }

    /// What is copied in one go: whole runs as they are sealed, the rest chunk by chunk.
    private struct Share {
        var asSealed: [(transfer: FrameTransfer, destinations: DestinationSet)] = []
        var anew: [SyncWindow.Wish] = []
        var waiting: [SyncWindow.Wish] = []
    }

    /// Copies a window, and returns the chunks that cannot be read, and those that wait for the next
    /// one: of frames of which too little is wanted by now, or whose bases are yet to come.
    func copy(
        _ window: SyncWindow
    ) throws -> (unreadable: Set<ChunkID>, waiting: [SyncWindow.Wish]) {
        let (frames, rest) = try window.transfers(from: source)
        var full = share(frames.filter { !$0.isDelta }, waitingMax: window.waitingMax)
        full.anew += rest
        try copy(full)
        let room = window.waitingMax - full.waiting.count
        let deltas = share(frames.filter(\.isDelta), waitingMax: room)
        try copy(deltas)
        return (unreadable.withLock { $0 }, full.waiting + deltas.waiting)
    }

    private func share(_ frames: [FrameTransfer], waitingMax: Int) -> Share {
        var share = Share()
        for transfer in frames {
            var whole: DestinationSet = []
            var anew: [Int: DestinationSet] = [:]
            for (position, destination) in destinations.enumerated() where destination.isActive {
                let one = DestinationSet(position)
                if destination.attempt({ try goesWhole(transfer, to: destination, position) })
                    ?? false
                {
                    whole.insert(one)
                } else {
                    for (place, wanted) in transfer.wanted where wanted.contains(one) {
                        anew[place, default: []].insert(one)
                    }
                }
            }
            if !whole.isEmpty { share.asSealed.append((transfer, whole)) }
            let wishes = anew.sorted { $0.key < $1.key }.map { place, wanted in
                SyncWindow.Wish(
                    chunk: transfer.frame.chunks[place], contents: transfer.contents,
                    destinations: wanted)
            }
            guard transfer.isPressing || share.waiting.count + wishes.count > waitingMax else {
                share.waiting += wishes
                continue
            }
            if destinations.contains(where: \.isDry) {
                for wish in wishes { note(wish.chunk, of: transfer, wish.destinations) }
            }
            share.anew += wishes
        }
        return share
    }

    /// A frame of deltas does when the base of every one of them is there in full.
    private func goesWhole(
        _ transfer: FrameTransfer, to destination: SyncDestination, _ position: Int
    ) throws -> Bool {
        guard destination.sharesKeyring, transfer.isMostlyWanted(at: position) else { return false }
        guard transfer.isDelta else { return true }
        let chunks = transfer.frame.chunks
        // What is lost there is stored in full, for deltas may rest on it.
        let lost = destination.session?.lost ?? []
        guard lost.isEmpty || !chunks.contains(where: { lost.contains($0.id) }) else {
            return false
        }
        return try destination.withWriter { writer in
            try chunks.allSatisfy { chunk in
                try chunk.base.map { try writer.hasFull($0) } ?? false
            }
        }
    }

    /// Counts what a run that is only tried would seal anew.
    private func note(
        _ chunk: TableOfContents.Chunk, of transfer: FrameTransfer, _ wanted: DestinationSet
    ) {
        for destination in chosen(wanted) where destination.isDry {
            destination.count { $0.bytesAnew += transfer.storedBytes(of: chunk) }
        }
    }

    private func copy(_ share: Share) throws {
        observer(
            .planned(
                bytes: share.asSealed.reduce(0) { $0 + $1.transfer.frame.bytes }
                    + share.anew.reduce(0) { $0 + $1.bytes }))
        let runs = FrameRun.all(share.asSealed)
        let damaged = Mutex<[SyncWindow.Wish]>([])
        let next = Atomic(0)
        let threads = SyncLimits.threads(source.storage, for: runs.count)
        try WorkerThreads.run(count: threads, name: "sync") { _ in
            var reader = try SealedFrameReader(source)
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < runs.count, destinations.contains(where: \.isActive) else { return }
                if Interrupts.isRequested { throw RepositoryError.interrupted }
                let left = try copy(runs[index], &reader)
                damaged.withLock { $0 += left }
            }
        }
        try seal(share.anew + damaged.withLock { $0 })
        for destination in destinations where destination.session != nil {
            destination.attempt { try destination.flush() }
        }
    }

    /// Copies frames as they are sealed, and returns the wanted chunks of those that are damaged.
    private func copy(
        _ run: FrameRun, _ reader: inout SealedFrameReader
    ) throws -> [SyncWindow.Wish] {
        guard !pretend(run) else { return [] }
        var left: [SyncWindow.Wish] = []
        var rest = run.transfers[...]
        try reader.read(run.frames, of: run.pack, run.contents) { frame, unit in
            guard let (transfer, wanted) = rest.popFirst() else { return }
            guard let unit else {
                left += transfer.wanted.map { place, destinations in
                    SyncWindow.Wish(
                        chunk: frame.chunks[place], contents: run.contents,
                        destinations: destinations.intersection(wanted))
                }
                return
            }
            for destination in chosen(wanted) {
                destination.attempt {
                    try destination.withWriter {
                        try $0.append(sealed: unit, frame, run.contents)
                    }
                    destination.count(frame)
                }
            }
            observer(.read(bytes: frame.bytes))
        }
        return left
    }

    /// Only counts when nothing is to be written; false otherwise.
    private func pretend(_ run: FrameRun) -> Bool {
        guard destinations.contains(where: \.isDry) else { return false }
        for (transfer, wanted) in run.transfers {
            for destination in chosen(wanted) {
                destination.attempt {
                    try destination.withWriter {
                        $0.pretend(transfer.frame.chunks, isDelta: transfer.isDelta)
                    }
                    destination.count(transfer.frame)
                }
            }
        }
        return true
    }

    /// Reads chunks, each once, and seals them anew for whoever wants them.
    private func seal(_ wishes: [SyncWindow.Wish]) throws {
        guard !wishes.isEmpty else { return }
        guard !destinations.contains(where: \.isDry) else {
            for wish in wishes {
                for destination in chosen(wish.destinations) {
                    destination.attempt {
                        try destination.withWriter {
                            $0.pretend([wish.chunk], isDelta: wish.chunk.base != nil)
                        }
                    }
                    destination.count { $0.chunksAnew += 1 }
                }
            }
            return
        }
        let requests = wishes.enumerated().map {
            ChunkRequest(id: $1.chunk.id, bytes: nil, tag: $0)
        }
        try ReadPlan(source, requests).run { tag, plain in
            if Interrupts.isRequested { throw RepositoryError.interrupted }
            let wish = wishes[tag]
            for destination in chosen(wish.destinations) {
                destination.attempt {
                    try destination.withWriter { try $0.add(plain, wish.chunk, wish.contents) }
                    destination.count { $0.chunksAnew += 1 }
                }
            }
            observer(.read(bytes: wish.bytes))
        } damaged: { tag, _ in
            unreadable.withLock { _ = $0.insert(wishes[tag].chunk.id) }
        }
    }

    private func chosen(_ wanted: DestinationSet) -> [SyncDestination] {
        destinations.indices.filter { wanted.contains(position: $0) }.map { destinations[$0] }
    }
}

extension SyncDestination {
    /// Counts a frame that was copied as it is.
    fileprivate func count(_ frame: TableOfContents.Frame) {
        count {
            $0.frames += 1
            $0.bytesAsSealed += frame.bytes
        }
    }
}
