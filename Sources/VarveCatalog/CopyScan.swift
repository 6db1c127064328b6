import VarveFormat

extension CatalogState {
    /// Calls `body` once for each chunk that has a live copy, with all of these, the newest run's
    /// first.
    ///
    /// Chunks come in the order of the first eight bytes of their ids.
    func forEachChunkWithCopies(_ body: (ChunkID, [ChunkPlace]) throws -> Void) throws {
        let scans = try runs.map { try TableScan($0.chunks, of: $0) }
        var group: [(id: ChunkID, place: ChunkPlace)] = []
        while let prefix = scans.compactMap(\.prefix).min() {
            group.removeAll(keepingCapacity: true)
            for (run, scan) in zip(runs, scans) {
                while let pointer = scan.entry, scan.prefix == prefix {
                    let entry = ChunkEntry(pointer: pointer)
                    let place = try place(of: entry, in: run)
                    let id = entry.id
                    if isLive(id, in: place.pack) { group.append((id, place)) }
                    try scan.advance()
                }
            }
            try Self.split(group, body)
        }
    }

    /// Several ids may begin alike.
    private static func split(
        _ group: [(id: ChunkID, place: ChunkPlace)], _ body: (ChunkID, [ChunkPlace]) throws -> Void
    ) throws {
        var done: Set<ChunkID> = []
        for (id, _) in group where done.insert(id).inserted {
            var places: [ChunkPlace] = []
            for (other, place) in group where other == id && !places.contains(place) {
                places.append(place)
            }
            try body(id, places)
        }
    }
}

extension TableScan {
    fileprivate var prefix: UInt64? { entry.map { ChunkEntry(pointer: $0).prefix } }
}
