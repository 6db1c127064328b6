import VarveFormat

extension CatalogState {
    /// Calls `body` once for each chunk that has a live copy, with all of these, the newest run's
    /// first.
    ///
    /// Chunks come in the order of the first eight bytes of their ids.
    func forEachChunkWithCopies(_ body: (ChunkID, [ChunkPlace]) throws -> Void) throws {
        let scans = try runs.map { try TableScan($0.chunks, of: $0) }
        // Of one prefix; most often that is one chunk. Then nothing is allocated for it.
        var ids: [ChunkID] = []
        var copies: [ChunkPlace] = []
        while let prefix = Self.least(scans) {
            ids.removeAll(keepingCapacity: true)
            copies.removeAll(keepingCapacity: true)
            for (index, scan) in scans.enumerated() {
                while let pointer = scan.entry, scan.prefix == prefix {
                    let entry = ChunkEntry(pointer: pointer)
                    let place = try place(of: entry, in: runs[index])
                    let id = entry.id
                    if isLive(id, in: place.pack) {
                        ids.append(id)
                        copies.append(place)
                    }
                    try scan.advance()
                }
            }
            guard let first = ids.first else { continue }
            if ids.allSatisfy({ $0 == first }), Self.areDistinct(copies) {
                try body(first, copies)
            } else {
                try Self.split(ids, copies, body)
            }
        }
    }

    private static func least(_ scans: [TableScan]) -> UInt64? {
        var least: UInt64?
        for scan in scans {
            if let prefix = scan.prefix { least = min(prefix, least ?? .max) }
        }
        return least
    }

    private static func areDistinct(_ copies: [ChunkPlace]) -> Bool {
        copies.indices.dropFirst().allSatisfy { !copies[..<$0].contains(copies[$0]) }
    }

    /// Several ids may begin alike, and several runs may name one copy.
    private static func split(
        _ ids: [ChunkID], _ copies: [ChunkPlace], _ body: (ChunkID, [ChunkPlace]) throws -> Void
    ) throws {
        var done: [ChunkID] = []
        for id in ids where !done.contains(id) {
            done.append(id)
            var places: [ChunkPlace] = []
            for (other, place) in zip(ids, copies) where other == id && !places.contains(place) {
                places.append(place)
            }
            try body(id, places)
        }
    }
}

extension TableScan {
    fileprivate var prefix: UInt64? { entry.map { ChunkEntry(pointer: $0).prefix } }
}
