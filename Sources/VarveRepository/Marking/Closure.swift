import VarveCatalog
import VarveFormat

/// Whether all that a snapshot is about to refer to can be read, before it becomes visible.
///
/// A pack that is kept keeps the bases of the deltas in it, so what lies in one resolves. That leaves
/// what the session itself has written, whose bases may have gone meanwhile, and condemned packs: a
/// base may be swept before the deltas on it.
struct Closure {
    private let repository: Repository
    private let index: Index
    private let swept: Set<PackID>
    /// Condemned packs of others: a delta in one of them does not count.
    private var unsure: Set<PackID>

    /// `view` is the log right before the record.
    init(_ repository: Repository, _ index: Index, _ view: LogView) {
        self.repository = repository
        self.index = index
        swept = view.swept
        unsure = view.state.condemnedPacks
    }

    /// Throws `.overtaken` unless each chunk of the snapshot, each base in `segments` and what they
    /// name resolves.
    mutating func check(_ manifest: SnapshotManifest, _ segments: [SegmentID]) throws {
        var cursor = CatalogCursor()
        let lost = try index.unresolved()
        for id in segments { try checkOwn(id, &cursor) }
        var walk = try ReferenceWalk(repository)
        var seen: Set<Reference> = []
        do {
            try walk.run(try manifest.references()) { reference in
                guard !reference.isBranch || seen.insert(reference).inserted else { return false }
                guard !lost.contains(reference.id),
                    try resolves(reference.id, fullOnly: false, &cursor)
                else {
                    throw Self.gone(reference.id)
                }
                return true
            } damaged: { _, error in
                throw error
            }
        } catch let error as FormatError {
            throw RepositoryError.damaged("the new snapshot", error.description)
        }
    }

    /// What the session wrote stands as a whole, needed or not: the record names all of it.
    private mutating func checkOwn(_ id: SegmentID, _ cursor: inout CatalogCursor) throws {
        let segment: Segment
        do {
            segment = try index.load(id)
        } catch RepositoryError.damaged(let object, _, _) {
            throw Self.gone(object)
        }
        for pack in segment.packs {
            guard !swept.contains(pack.id) else { throw Self.gone("pack \(pack.id)") }
            unsure.remove(pack.id)
        }
        for chunk in segment.packs.lazy.flatMap(\.table.frames).flatMap(\.chunks) {
            guard let base = chunk.base else { continue }
            guard try resolves(base, fullOnly: true, &cursor) else { throw Self.gone(base) }
        }
    }

    private func resolves(
        _ id: ChunkID, fullOnly: Bool, _ cursor: inout CatalogCursor
    ) throws -> Bool {
        do {
            return try isPlaced(id, fullOnly: fullOnly, &cursor)
        } catch {
            try index.rebuild()
            return try isPlaced(id, fullOnly: fullOnly, &cursor)
        }
    }

    private func isPlaced(
        _ id: ChunkID, fullOnly: Bool, _ cursor: inout CatalogCursor
    ) throws(CatalogError) -> Bool {
        guard let found = try index.catalog.lookup(id, fullOnly: fullOnly, &cursor) else {
            return false
        }
        if counts(found) { return true }
        return try index.catalog.places(id, &cursor).contains(where: counts)
    }

    private func counts(_ place: ChunkPlace) -> Bool {
        !place.isDelta || !unsure.contains(index.catalog.packID(place.pack))
    }

    private static func gone(_ id: ChunkID) -> RepositoryError { gone("chunk \(id.hex.prefix(8))") }

    private static func gone(_ what: String) -> RepositoryError {
        .overtaken(
            reason: "stored data that the snapshot relies on was removed while it was taken "
                + "(\(what)); take it again")
    }
}
