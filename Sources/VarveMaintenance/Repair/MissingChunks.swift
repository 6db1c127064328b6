import VarveCatalog
import VarveFormat
import VarveRepository

/// Chunks that snapshots need and that do not resolve, and lost bases of deltas.
struct MissingChunks {
    private(set) var chunks: [ChunkID: PackContents] = [:]
    /// How many of them snapshots need.
    private(set) var neededCount = 0

    /// `contents` says of each pack that the log names what kind it is of.
    init(
        _ repository: Repository, _ state: RepositoryState, _ contents: [PackID: PackContents]
    ) throws {
        let catalog = try repository.catalog(following: state)
        let unresolved = try repository.unresolvedChunks()
        var found: [ChunkID: PackContents] = [:]
        var seen: Set<Reference> = []
        var cursor = CatalogCursor()
        for entry in state.snapshots {
            do {
                var walk = try ReferenceWalk(repository)
                try walk.run(try repository.references(entry)) { reference in
                    if reference.isBranch, !seen.insert(reference).inserted { return false }
                    guard
                        try unresolved.contains(reference.id)
                            || catalog.lookup(reference.id, &cursor) == nil
                    else { return true }
                    let isData = reference.stream == .file && reference.levels == 0
                    found[reference.id] = isData ? .data : .metadata
                    return false
                } damaged: { _, error in
                    _ = try CheckFinding(error)
                }
            } catch {
                // A manifest that cannot be read says of no chunk that it is needed.
                _ = try CheckFinding(error)
            }
        }
        neededCount = found.count
        for copy in state.lost where found[copy.chunk] == nil {
            guard let kind = contents[copy.pack],
                try catalog.lookup(copy.chunk, fullOnly: true, &cursor) == nil
            else { continue }
            found[copy.chunk] = kind
        }
        chunks = found
    }
}
