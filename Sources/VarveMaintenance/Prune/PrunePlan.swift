public import VarveFormat

/// What a prune is to do, decided before anything is done.
public struct PrunePlan: Sendable {
    /// Why a pack stays, goes, or is written anew.
    public enum Fate: Sendable, Equatable {
        /// All of it is needed, or so much that it is not worth writing it anew.
        case stays
        /// Nothing in it is needed.
        case goes
        /// What is needed of it is written into another pack: it holds what is not needed.
        case rewritten
        /// The same, because it is short.
        case merged
        /// The same, because what a snapshot needs of it is scattered.
        case regrouped
        /// The same, because it is sealed under an older epoch.
        case resealed
        /// It was condemned, and its time has not come.
        case waits
        /// It was condemned, and is removed now.
        case swept
        /// It was condemned, and is needed after all.
        case revived
    }

    public struct Pack: Sendable, Equatable {
        public var id: PackID
        public var contents: PackContents
        /// Stored bytes of its frames, and of those what is needed.
        public var bytes: Int
        public var bytesUsed: Int
        public var fate: Fate

        init(_ id: PackID, _ use: PackUse, _ fate: Fate) {
            (self.id, contents) = (id, use.contents)
            (bytes, bytesUsed) = (use.bytes, use.bytesUsed)
            self.fate = fate
        }
    }

    /// Every pack that the log names, in the order of their ids.
    public internal(set) var packs: [Pack] = []
    /// What is condemned besides: what crashed writers left, manifests of forgotten snapshots,
    /// segments of which nothing is left.
    public internal(set) var condemned: [ObjectReference] = []
    /// What is swept besides packs that the log names.
    public internal(set) var swept: [ObjectReference] = []
    /// Packs that were swept, and need not be remembered any more.
    public internal(set) var dropped: [ObjectReference] = []
    /// What was condemned and is needed after all, besides packs.
    public internal(set) var revived: [ObjectReference] = []
    /// Short segments that become one, and those that are sealed under older epochs.
    public internal(set) var segmentsMerged: [SegmentID] = []
    /// Objects that go without a record: those that were swept before and not removed then, and
    /// states that can be made again.
    public internal(set) var leftovers: [String] = []
    /// Of what is condemned now, what is removed right after, when nobody is to wait.
    var removedAtOnce: [ObjectReference] = []
    /// Stored bytes of all that is removed now, and of what is condemned now.
    public internal(set) var bytesSwept = 0
    public internal(set) var bytesCondemned = 0

    /// All that is condemned, but for segments that are merged.
    var leaving: [ObjectReference] {
        packs.filter(\.fate.isLeaving).map { ObjectReference($0.id, $0.contents) } + condemned
    }

    /// Whether something is removed.
    var isSweeping: Bool {
        !swept.isEmpty || !leftovers.isEmpty || dropped.count >= PrunePlanning.droppedMin
            || packs.contains { $0.fate == .swept }
    }

    public var packsRemoved: Int {
        packs.count { $0.fate == .swept } + (swept + removedAtOnce).count { $0.pack != nil }
    }
    public var packsCondemned: Int { leaving.count { $0.pack != nil } }
    /// Of those that are condemned now, how many stay until a later prune.
    public var packsLater: Int { packsCondemned - removedAtOnce.count { $0.pack != nil } }

    public func packs(_ fate: Fate) -> [Pack] { packs.filter { $0.fate == fate } }
    /// Stored bytes that are written anew.
    public var bytesRewritten: Int {
        packs.reduce(0) { $0 + ($1.fate.isRewritten ? $1.bytesUsed : 0) }
    }
    /// Stored bytes that stay although nothing needs them.
    public var bytesUnused: Int {
        packs.reduce(0) { $0 + ($1.fate == .stays ? $1.bytes - $1.bytesUsed : 0) }
    }
    public var bytesUsed: Int { packs.reduce(0) { $0 + $1.bytesUsed } }
}

extension PrunePlan {
    /// Decides about the packs that the log names and nobody has condemned.
    mutating func decide(
        _ uses: [PackID: PackUse], _ options: PruneOptions, packBytes: Int, old: Set<PackID>,
        scattered: [PackID]
    ) {
        packs = uses.map { Pack($0, $1, $1.isNeeded ? .stays : .goes) }.sorted { $0.id < $1.id }
        mergeShort(packBytes: packBytes)
        rewrite(options)
        rewrite(old.sorted(), as: .resealed, options)
        rewrite(scattered, as: .regrouped, options)
    }

    /// A pack below this part of a full one is short, and so many short ones are worth writing anew.
    private static let shortPart = 4
    private static let shortPacksMin = 8

    private mutating func mergeShort(packBytes: Int) {
        for contents in PackContents.allCases {
            let short = packs.indices.filter {
                packs[$0].contents == contents && packs[$0].fate == .stays
                    && packs[$0].bytes < packBytes / Self.shortPart
            }
            guard short.count >= Self.shortPacksMin else { continue }
            for index in short { packs[index].fate = .merged }
        }
    }

    /// The emptiest first, until little enough stays unused or enough is written.
    private mutating func rewrite(_ options: PruneOptions) {
        let unusedMax = options.unusedMax(used: bytesUsed)
        var budget = (options.rewrittenBytesMax ?? .max) - bytesRewritten
        var unused = bytesUnused
        let partly = packs.indices.filter {
            packs[$0].fate == .stays && packs[$0].bytesUsed < packs[$0].bytes
        }.sorted { Self.isEmptier(packs[$0], packs[$1]) }
        for index in partly {
            guard unused > unusedMax else { break }
            guard packs[index].bytesUsed <= budget else { continue }
            budget -= packs[index].bytesUsed
            unused -= packs[index].bytes - packs[index].bytesUsed
            packs[index].fate = .rewritten
        }
    }

    /// Packs in their order, as many as may still be written.
    private mutating func rewrite(_ ids: [PackID], as fate: Fate, _ options: PruneOptions) {
        guard !ids.isEmpty else { return }
        let rows = Dictionary(uniqueKeysWithValues: packs.indices.map { (packs[$0].id, $0) })
        var budget = (options.rewrittenBytesMax ?? .max) - bytesRewritten
        for row in ids.compactMap({ rows[$0] }) where packs[row].fate == .stays {
            guard packs[row].bytesUsed <= budget else { continue }
            budget -= packs[row].bytesUsed
            packs[row].fate = fate
        }
    }

    private static func isEmptier(_ a: Pack, _ b: Pack) -> Bool {
        let (left, right) = (
            a.bytesUsed.multipliedFullWidth(by: b.bytes),
            b.bytesUsed.multipliedFullWidth(by: a.bytes)
        )
        return left == right ? a.id < b.id : left < right
    }
}
