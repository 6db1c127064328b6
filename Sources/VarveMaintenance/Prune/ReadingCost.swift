import VarveCatalog
import VarveFormat
import VarveRepository

/// What has to be decompressed to read all that one snapshot needs, each frame once.
struct ReadingCost {
    struct Frame: Hashable {
        var pack: PackID
        var offset: UInt32
    }

    /// What the snapshot needs of each frame, bases of its deltas too.
    private(set) var needed: [Frame: Positions] = [:]
    /// Plain bytes of what it needs, bases not counted, and of what has to be decompressed.
    private(set) var bytes = 0
    private(set) var bytesDecompressed = 0
    /// Of what is decompressed and not needed, the bytes in each pack.
    private(set) var bytesWasted: [PackID: Int] = [:]
    private(set) var chunksNeeded: [PackID: Int] = [:]

    /// Measures the snapshot of a manifest, as the copies lie that `use` keeps.
    init(
        _ references: [Reference], _ repository: Repository, _ catalog: Catalog,
        _ use: RepositoryUse
    ) throws {
        var reading = Reading(catalog, use)
        var walk = try ReferenceWalk(repository)
        var branches: Set<Reference> = []
        try walk.run(references) { reference in
            if reference.isBranch, !branches.insert(reference).inserted { return false }
            return try reading.add(reference.id)
        } damaged: { _, error in
            throw error
        }
        needed = reading.needed
        bytes = reading.bytes
        for (frame, read) in reading.rawBytes {
            let isDelta = reading.deltaFrames.contains(frame)
            let whole = use.packs[frame.pack]?.frames[frame.offset]?.rawBytes ?? read
            bytesDecompressed += isDelta ? read : whole
            chunksNeeded[frame.pack, default: 0] += needed[frame]?.count ?? 0
            if !isDelta { bytesWasted[frame.pack, default: 0] += whole - read }
        }
    }

    /// Plain bytes that are decompressed for each byte that is needed, above which a snapshot is
    /// scattered; and what is to be reached then.
    private static let limit = 3
    private static let goal = 2

    var isScattered: Bool { bytesDecompressed > Self.limit * bytes }

    /// The packs to write anew, the most wasteful first.
    var packs: [PackID] {
        var excess = bytesDecompressed - Self.goal * bytes
        var chosen: [PackID] = []
        for (pack, wasted) in bytesWasted.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            guard excess > 0, wasted > 0 else { break }
            chosen.append(pack)
            excess -= wasted
        }
        return chosen
    }
}

extension ReadingCost {
    /// Where chunks are read from.
    private struct Reading: ~Copyable {
        let catalog: Catalog
        let use: RepositoryUse
        var cursor = CatalogCursor()
        var needed: [Frame: Positions] = [:]
        /// What was added, without bases.
        var added: [Frame: Positions] = [:]
        var rawBytes: [Frame: Int] = [:]
        var deltaFrames: Set<Frame> = []
        var bytes = 0

        init(_ catalog: Catalog, _ use: RepositoryUse) {
            (self.catalog, self.use) = (catalog, use)
        }

        /// False when it was there before.
        mutating func add(_ id: ChunkID) throws -> Bool {
            guard let place = try keptPlace(id),
                added[frame(of: place), default: Positions()].insert(place.position)
            else { return false }
            note(place)
            bytes += Int(place.rawBytes)
            guard place.isDelta else { return true }
            if let base = try catalog.fullChunk(startingWith: place.base, &cursor) {
                if let kept = try keptPlace(base.id, fullOnly: true) { note(kept) }
            }
            return true
        }

        private mutating func keptPlace(_ id: ChunkID, fullOnly: Bool = false) throws -> ChunkPlace?
        {
            let places = try catalog.places(id, &cursor).filter { !fullOnly || !$0.isDelta }
            return places.first { place in
                let frame = frame(of: place)
                return use.packs[frame.pack]?.frames[frame.offset]?.used.contains(place.position)
                    ?? false
            } ?? places.first
        }

        private func frame(of place: ChunkPlace) -> Frame {
            Frame(pack: catalog.packID(place.pack), offset: place.frameOffset)
        }

        private mutating func note(_ place: ChunkPlace) {
            let frame = frame(of: place)
            guard needed[frame, default: Positions()].insert(place.position) else { return }
            rawBytes[frame, default: 0] += Int(place.rawBytes)
            if place.isDelta { deltaFrames.insert(frame) }
        }
    }
}
