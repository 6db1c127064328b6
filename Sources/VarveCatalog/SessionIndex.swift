import Synchronization
public import VarveFormat

/// The chunks that this process wrote, or is about to, and that no segment names yet.
///
/// All threads share it: a chunk belongs to one of 64 shards, each with its own mutex.
public final class SessionIndex: Sendable {
    private final class Shard: Sendable {
        let table = Mutex(SessionTable())
    }

    private static let shardBits: UInt64 = 6

    private let shards = (0..<(1 << shardBits)).map { _ in Shard() }
    private let features = Mutex(SessionFeatures())

    public init() {}

    /// Says who stores this chunk; exactly one caller is told `.mine`.
    public func claim(_ id: ChunkID) -> SessionClaim {
        shard(of: id).table.withLock { $0.claim(id) }
    }

    /// What `claim` would say, nil where it would say `.mine`.
    public func lookup(_ id: ChunkID) -> SessionClaim? {
        shard(of: id).table.withLock { $0.lookup(id) }
    }

    /// Says where a claimed chunk lies; the last word counts.
    public func place(_ id: ChunkID, at place: SessionPlace) {
        shard(of: id).table.withLock { $0.place(id, place) }
    }

    /// Takes back a claim that came to nothing, so that the next caller is told `.mine`.
    public func abandon(_ id: ChunkID) {
        shard(of: id).table.withLock { $0.abandon(id) }
    }

    /// Lets these features lead to `base`: a placed full chunk, or the base of a placed delta.
    public func registerFeatures(_ superFeatures: SuperFeatures, base: ChunkID) {
        features.withLock { $0.register(superFeatures, base: base) }
    }

    /// Up to three full chunks that a chunk with these features resembles, the best first.
    public func candidates(_ superFeatures: SuperFeatures) -> [ChunkID] {
        features.withLock { $0.candidates(superFeatures) }
    }

    /// Forgets the chunks of packs whose segment is in the catalog by now, and their features.
    public func removePlaced(in packSlots: Set<UInt32>) {
        for shard in shards { shard.table.withLock { $0.removePlaced(in: packSlots) } }
        // A base that is not in here lies in the catalog, and so do its features.
        features.withLock { $0.removeAll { lookup($0) == nil } }
    }

    /// How many chunks are claimed or placed.
    public var count: Int { shards.reduce(0) { $0 + $1.table.withLock { $0.count } } }

    private func shard(of id: ChunkID) -> Shard {
        shards[Int(Self.mix(id) >> (64 - Self.shardBits))]
    }

    /// Well-spread bits of an id: the leading ones choose a shard, others a slot.
    static func mix(_ id: ChunkID) -> UInt64 { id.prefix &* 0x9E37_79B9_7F4A_7C15 }
}
