import Synchronization
import VarveFormat
import VarveStorage

/// The packs of one session by slot: those that are open for appending, and where each can be read.
final class SessionPacks: Sendable {
    enum Source: Sendable {
        case staged(any StagedObject, PackContents)
        /// Between staging and its name: cannot be read for a moment.
        case publishing
        case published(PackID, PackContents)
    }

    private struct State {
        var sources: [Source] = []
        /// Packs that no thread is appending to, the last one returned at the end.
        var idle: [PackContents: [OpenPack]] = [:]
    }

    private static let sessions = Atomic<UInt64>(0)

    /// Tells this session's slots from those of others that share a cache of frames.
    private let session = sessions.wrappingAdd(1, ordering: .relaxed).newValue
    private let storage: any Storage
    private let dataTurn = Mutex(())
    private let metadataTurn = Mutex(())
    private let state = Mutex(State())

    init(storage: any Storage) { self.storage = storage }

    /// Takes a pack to append a frame under `epoch` to: the one used last, so that few stay open, or
    /// a new one. All frames of a pack are under one epoch, so that its first one tells.
    func take(_ contents: PackContents, _ epoch: EpochID) throws(StorageError) -> OpenPack {
        let idle = state.withLock { state -> OpenPack? in
            guard let index = state.idle[contents]?.lastIndex(where: { $0.epoch == epoch }) else {
                return nil
            }
            return state.idle[contents]?.remove(at: index)
        }
        if let idle { return idle }
        let slot = state.withLock { state in
            state.sources.append(.publishing)
            return state.sources.count - 1
        }
        let pack = try OpenPack(
            slot: UInt32(slot), contents: contents, epoch: epoch, in: storage)
        state.withLock { $0.sources[slot] = .staged(pack.staged, contents) }
        return pack
    }

    /// Runs `body`, which appends to a pack: where each pack is a request, one thread after the other, so
    /// that one of them grows at a time.
    func inTurn<Answer>(_ contents: PackContents, _ body: () throws -> Answer) rethrows -> Answer {
        guard storage.connections > 1 else { return try body() }
        return switch contents {
        case .data: try dataTurn.withLock { _ in try body() }
        case .metadata: try metadataTurn.withLock { _ in try body() }
        }
    }

    func giveBack(_ pack: OpenPack) {
        state.withLock { $0.idle[pack.contents, default: []].append(pack) }
    }

    /// All packs that no thread is appending to; they are handed out no more.
    func takeAll() -> [OpenPack] {
        state.withLock { state in
            defer { state.idle = [:] }
            return PackContents.allCases.flatMap { state.idle[$0] ?? [] }
        }
    }

    /// Drops what has no name yet, and returns the packs that have one.
    func discard() -> [(PackID, PackContents)] {
        let sources = state.withLock { state in
            defer { state.idle = [:] }
            return state.sources
        }
        return sources.compactMap { source in
            switch source {
            case .staged(let staged, _):
                staged.discard()
                return nil
            case .publishing: return nil
            case .published(let id, let contents): return (id, contents)
            }
        }
    }

    /// What a frame cache knows the pack by.
    func key(_ slot: UInt32) -> UInt64 { session << 32 | UInt64(slot) }

    func source(_ slot: UInt32) -> Source { state.withLock { $0.sources[Int(slot)] } }

    func set(_ slot: UInt32, _ source: Source) {
        state.withLock { $0.sources[Int(slot)] = source }
    }
}
