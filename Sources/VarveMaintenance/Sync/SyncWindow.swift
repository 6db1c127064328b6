import VarveCatalog
import VarveFormat
import VarveRepository

/// Chunks that are to be copied before the next look at the log, and who wants them.
struct SyncWindow {
    /// A chunk that is sealed anew, and who wants it.
    struct Wish: Sendable {
        var chunk: TableOfContents.Chunk
        var contents: PackContents
        var destinations: DestinationSet

        /// About what is read for it.
        var bytes: Int { chunk.base == nil ? chunk.rawBytes : chunk.storedBytes }
    }

    private let chunksMax: Int
    private var wishes: [Wish] = []
    /// So many at the front cannot wait for another window.
    private var pressing = 0
    /// Of those that came since the last copy.
    private var bytes = 0

    var isEmpty: Bool { wishes.isEmpty }
    /// All that want something.
    private(set) var destinations: DestinationSet = []
    var isFull: Bool {
        wishes.count >= chunksMax || bytes >= SyncLimits.windowBytes
    }
    /// How many may wait for the next window, so that there is room for others.
    var waitingMax: Int { chunksMax / 2 }

    init(chunksMax: Int, waiting: [Wish] = []) {
        self.chunksMax = chunksMax
        wishes = waiting
        for wish in waiting { destinations.formUnion(wish.destinations) }
    }

    mutating func add(_ reference: Reference, for destinations: DestinationSet) {
        let isData = reference.stream == .file && reference.levels == 0
        // The stream bytes of a list say nothing of its own length.
        let chunk = TableOfContents.Chunk(
            id: reference.id, rawBytes: reference.levels == 0 ? reference.bytes : 0, features: nil)
        wishes.append(
            Wish(
                chunk: chunk, contents: isData ? .data : .metadata, destinations: destinations))
        bytes += chunk.rawBytes
        self.destinations.formUnion(destinations)
    }

    /// All that was added so far belongs to snapshots that are about to be committed.
    mutating func press() { pressing = wishes.count }

    /// The frames that hold what is wanted, by pack and place; and those chunks of which no segment
    /// that can be read says where they lie.
    func transfers(from source: Repository) throws -> (frames: [FrameTransfer], rest: [Wish]) {
        var reader = try ChunkReader(source)
        let catalog = try source.catalog(following: source.state)
        var wanted: [PackID: [UInt32: [Int: Wish]]] = [:]
        var pressed: [PackID: Set<UInt32>] = [:]
        var rest: [Wish] = []
        // One bucket of the index after the other.
        let order = wishes.indices.sorted { wishes[$0].chunk.id < wishes[$1].chunk.id }
        for number in order {
            let wish = wishes[number]
            guard let place = try reader.firstPlace(wish.chunk.id) else {
                rest.append(wish)
                continue
            }
            let pack = catalog.packID(place.pack)
            // Two snapshots with other destinations may both want it.
            wanted[pack, default: [:]][place.frameOffset, default: [:]][
                Int(place.position), default: wish
            ].destinations.formUnion(wish.destinations)
            if number < pressing { pressed[pack, default: []].insert(place.frameOffset) }
        }
        var frames: [FrameTransfer] = []
        let names = catalog.packsOfSegments
        for segment in source.state.segments where !wanted.isEmpty {
            guard names[segment]?.contains(where: { wanted[$0] != nil }) ?? false else { continue }
            for pack in try Self.packs(of: segment, source) {
                guard let offsets = wanted.removeValue(forKey: pack.id) else { continue }
                frames += pack.table.frames.compactMap { frame in
                    offsets[UInt32(frame.offset)].map {
                        FrameTransfer(
                            pack: pack.id, contents: pack.table.contents, frame: frame,
                            wanted: $0.mapValues(\.destinations),
                            isPressing: pressed[pack.id]?.contains(UInt32(frame.offset)) ?? false)
                    }
                }
            }
        }
        rest += wanted.values.flatMap { $0.values.flatMap(\.values) }
        frames.sort { ($0.pack, $0.frame.offset) < ($1.pack, $1.frame.offset) }
        return (frames, rest)
    }

    /// None of a segment that is damaged: other copies of what it names may be had.
    private static func packs(
        of segment: SegmentID, _ source: Repository
    ) throws -> [Segment.Pack] {
        do {
            return try source.segment(segment).packs
        } catch RepositoryError.damaged {
            return []
        }
    }
}
