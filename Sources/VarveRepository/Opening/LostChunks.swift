import VarveCatalog
import VarveFormat

extension Index {
    /// Chunks that do not resolve because of what is lost: those of which no other copy is there, and
    /// those of which every copy is a delta on such a one.
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
        var unresolved: Set<ChunkID> = []
        var bases: Set<UInt64> = []
        for id in lost where try catalog.lookup(id, fullOnly: true, &cursor) == nil {
            bases.insert(id.prefix)
            if try catalog.lookup(id, &cursor) == nil { unresolved.insert(id) }
        }
        guard !bases.isEmpty else { return unresolved }
        // Of a base the catalog knows the first bytes only: in doubt a chunk is stored once more.
        try catalog.forEachChunkWithCopies { id, places in
            if places.allSatisfy({ $0.isDelta && bases.contains($0.base) }) {
                unresolved.insert(id)
            }
        }
        return unresolved
    }
}
