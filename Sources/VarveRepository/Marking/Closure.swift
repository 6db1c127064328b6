import VarveCatalog
import VarveFormat

/// Whether all that a snapshot is about to refer to can be read, before it becomes visible.
///
/// A pack that is kept keeps the bases of the deltas in it, so what lies in one resolves; only the
/// bases of what the session itself has written may have gone meanwhile.
struct Closure {
    private let repository: Repository
    private let index: Index

    init(_ repository: Repository, _ index: Index) {
        self.repository = repository
        self.index = index
    }

    /// Throws `.overtaken` unless each chunk of the snapshot, and each base in `segments`, resolves.
    func check(_ manifest: SnapshotManifest, _ segments: [SegmentID]) throws {
        var cursor = CatalogCursor()
        let lost = try index.unresolved()
        for id in segments { try check(try index.load(id), &cursor) }
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

    private func check(_ segment: Segment, _ cursor: inout CatalogCursor) throws {
        for chunk in segment.packs.lazy.flatMap(\.table.frames).flatMap(\.chunks) {
            guard let base = chunk.base else { continue }
            guard try resolves(base, fullOnly: true, &cursor) else { throw Self.gone(base) }
        }
    }

    private func resolves(
        _ id: ChunkID, fullOnly: Bool, _ cursor: inout CatalogCursor
    ) throws -> Bool {
        do {
            return try index.catalog.lookup(id, fullOnly: fullOnly, &cursor) != nil
        } catch {
            try index.rebuild()
            return try index.catalog.lookup(id, fullOnly: fullOnly, &cursor) != nil
        }
    }

    private static func gone(_ id: ChunkID) -> RepositoryError {
        .overtaken(
            reason: "stored data that the snapshot relies on was removed while it was taken "
                + "(chunk \(id.hex.prefix(8))); take it again")
    }
}
