import VarveCatalog
import VarveFormat
import VarveRepository
import VarveSystem

/// Which packs that no segment names hold what snapshots need, and nothing else does.
///
/// Others may belong to writers that have not committed, or never will: to name them would make
/// somebody rely on what their writers may still take back.
struct NeededPacks {
    private let repository: Repository
    private let catalog: Catalog
    private let unnamed: UnnamedPacks
    private(set) var packs: Set<PackID> = []
    /// Chunks that snapshots need and no pack holds, or none that holds their bases.
    private(set) var missing: Set<ChunkID> = []
    /// Manifests, lists and directories that could not be read: what lies below them is not known.
    private(set) var unread: Set<CheckFinding> = []
    private let orphans: Set<ChunkID>

    /// The index must answer from all packs.
    init(_ repository: Repository, _ state: RepositoryState, _ unnamed: UnnamedPacks) throws {
        self.repository = repository
        self.unnamed = unnamed
        catalog = try repository.catalog(following: state)
        orphans = Set(try OrphanedDeltas(catalog).withoutBase())
        try walk(state)
        while try addBases() {}
    }

    /// Chooses for each chunk that a snapshot needs, and no named pack holds.
    private mutating func walk(_ state: RepositoryState) throws {
        var seen: Set<Reference> = []
        var cursor = CatalogCursor()
        for entry in state.snapshots {
            if Interrupts.isRequested { throw RepositoryError.interrupted }
            do {
                var walk = try ReferenceWalk(repository)
                try walk.run(try repository.references(entry)) { reference in
                    if reference.isBranch, !seen.insert(reference).inserted { return false }
                    let places = try catalog.places(reference.id, &cursor)
                    if places.isEmpty || orphans.contains(reference.id) {
                        missing.insert(reference.id)
                    }
                    choose(from: places)
                    return !places.isEmpty
                } damaged: { _, error in
                    // Prune takes nothing away meanwhile.
                    unread.insert(try CheckFinding(error))
                }
            } catch {
                unread.insert(try CheckFinding(error))
            }
        }
    }

    /// Chooses bases for deltas; true when it chose any.
    private mutating func addBases() throws -> Bool {
        let before = packs.count
        var wanted: Set<UInt64> = []
        try catalog.forEachChunkWithCopies { _, places in
            for place in places where place.isDelta && isUsed(catalog.packID(place.pack)) {
                wanted.insert(place.base)
            }
        }
        try catalog.forEachChunkWithCopies { id, places in
            if wanted.contains(id.prefix) { choose(from: places.filter { !$0.isDelta }) }
        }
        return packs.count > before
    }

    /// The oldest, when none is there anyway: a writer that is still running is younger.
    private mutating func choose(from places: [ChunkPlace]) {
        let found = Set(places.map { catalog.packID($0.pack) })
        guard !found.contains(where: isUsed) else { return }
        let oldest = found.min { a, b in (age(a), a) < (age(b), b) }
        if let oldest { packs.insert(oldest) }
    }

    private func isUsed(_ pack: PackID) -> Bool {
        unnamed.named.contains(pack) || packs.contains(pack)
    }

    private func age(_ pack: PackID) -> Int64 { unnamed.packs[pack]?.modified ?? .max }
}
