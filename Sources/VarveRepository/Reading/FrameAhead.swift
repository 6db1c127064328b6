import Synchronization
import VarveCatalog
import VarveFormat
import VarveSystem

/// Opens frames before they are asked for, where those of a pack are used in order: a thread of its own.
///
/// What cannot be opened is left to whoever asks for it, who is told why.
public final class FrameAhead: Sendable {
    private struct Wish: Sendable {
        var pack: PackID
        var contents: PackContents
        var offset: Int
        var count: Int
    }

    private let repository: Repository
    private let pattern = Mutex(
        ReadPattern<PackID>(
            streams: ReadLimits.streamsAhead, framesAhead: ReadLimits.framesAhead,
            skipBytes: ReadLimits.skipAheadBytes))
    /// Wishes for which there is no room are dropped.
    private let wishes = BoundedQueue<Wish>(capacity: 2)

    private init(_ repository: Repository) { self.repository = repository }

    /// Runs `body`, and the thread beside it.
    public static func run<Answer>(
        _ repository: Repository, _ body: (FrameAhead) throws -> Answer
    ) throws -> Answer {
        let ahead = FrameAhead(repository)
        let thread = try WorkerThreads.start(count: 1, name: "ahead") { _ in try ahead.work() }
        let answer = Result { try body(ahead) }
        ahead.wishes.fail()
        // It throws only what whoever reads has met as well.
        try? thread.join()
        return try answer.get()
    }

    /// Notes that the frame at a place is used.
    func used(_ place: ChunkPlace, _ catalog: Catalog) {
        let pack = catalog.packID(place.pack)
        guard let next = pattern.withLock({ $0.used(pack, place.stored) }) else { return }
        wishes.putIfRoom(
            Wish(pack: pack, contents: place.contents, offset: next.offset, count: next.count))
    }

    private func work() throws {
        var loader = try FrameLoader(repository)
        while let wish = wishes.take() {
            var end = wish.offset
            for _ in 0..<wish.count {
                let next = try? loader.open(wish.pack, wish.contents, at: end, repository.frames)
                guard let next else { break }
                end = next
            }
            pattern.withLock { $0.opened(wish.pack, from: wish.offset, to: end) }
        }
    }
}
