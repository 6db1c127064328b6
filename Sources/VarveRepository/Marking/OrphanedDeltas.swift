package import VarveCatalog
package import VarveFormat

/// Looks for deltas whose bases are nowhere, or among damaged chunks.
///
/// The catalog keeps eight bytes of a base's id: ids that begin alike are taken for the same.
package struct OrphanedDeltas {
    private let catalog: Catalog

    package init(_ catalog: Catalog) { self.catalog = catalog }

    /// Chunks of which every copy is a delta on a base that is nowhere.
    package func withoutBase() throws -> [ChunkID] {
        var wanted: Set<UInt64> = []
        try catalog.forEachChunkWithCopies { _, places in
            for place in places where place.isDelta { wanted.insert(place.base) }
        }
        guard !wanted.isEmpty else { return [] }
        try catalog.forEachChunkWithCopies { id, places in
            if places.contains(where: { !$0.isDelta }) { wanted.remove(id.prefix) }
        }
        guard !wanted.isEmpty else { return [] }
        var found: [ChunkID] = []
        try catalog.forEachChunkWithCopies { id, places in
            if places.allSatisfy({ $0.isDelta && wanted.contains($0.base) }) { found.append(id) }
        }
        return found
    }

    /// Chunks of which a copy is a delta on one of `bases`.
    package func deltas(on bases: some Sequence<ChunkID>) throws -> [ChunkID] {
        let prefixes = Set(bases.map(\.prefix))
        var found: [ChunkID] = []
        guard !prefixes.isEmpty else { return found }
        try catalog.forEachChunkWithCopies { id, places in
            if places.contains(where: { $0.isDelta && prefixes.contains($0.base) }) {
                found.append(id)
            }
        }
        return found
    }
}
