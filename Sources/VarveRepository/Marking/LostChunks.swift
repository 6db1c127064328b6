import VarveCatalog
import VarveFormat

extension Index {
    /// Chunks that do not resolve because of what is lost: those of which no other copy is there, and
    /// those of which every copy is a delta on a chunk that is nowhere in full.
    ///
    /// The next writer that meets their bytes stores them again.
    func unresolved() throws -> Set<ChunkID> {
        do {
            return try findUnresolved()
        } catch is CatalogError {
            try rebuild()
            return try findUnresolved()
        }
    }

    private func findUnresolved() throws -> Set<ChunkID> {
        var cursor = CatalogCursor()
        // What was lost is stored again in full.
        let broken = try lost.filter { try catalog.lookup($0, fullOnly: true, &cursor) == nil }
        guard !broken.isEmpty else { return [] }
        let gone = try broken.filter { try catalog.lookup($0, &cursor) == nil }
        return gone.union(try OrphanedDeltas(catalog).withoutBase())
    }
}
