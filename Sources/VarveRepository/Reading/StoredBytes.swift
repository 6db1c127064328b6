import VarveCatalog
public import VarveFormat

extension Repository {
    /// What chunks take in their packs: of a delta its own bytes, of any other its share of the frame, by
    /// plain bytes. A chunk of which there is no copy takes nothing.
    ///
    /// Reads the index segments that name their packs, and no pack.
    public func storedBytes(of ids: Set<ChunkID>) throws -> Int {
        guard !ids.isEmpty else { return 0 }
        let index = try loadIndex()
        var wanted = try places(of: ids)
        var total = 0
        for (segment, packs) in index.catalog.packsOfSegments {
            guard packs.contains(where: { wanted[$0] != nil }) else { continue }
            for pack in try index.load(segment).packs {
                guard let frames = wanted.removeValue(forKey: pack.id) else { continue }
                for frame in pack.table.frames {
                    guard let positions = frames[UInt32(frame.offset)] else { continue }
                    total += frame.storedBytes(of: positions)
                }
            }
        }
        return total
    }

    /// The positions of chunks, by pack and by where the frame starts; of each its first copy.
    private func places(of ids: Set<ChunkID>) throws -> [PackID: [UInt32: [UInt16]]] {
        var reader = try ChunkReader(self)
        let index = try loadIndex()
        var found: [PackID: [UInt32: [UInt16]]] = [:]
        for id in ids {
            guard let place = try reader.firstPlace(id) else { continue }
            found[index.catalog.packID(place.pack), default: [:]][place.frameOffset, default: []]
                .append(place.position)
        }
        return found
    }
}

extension TableOfContents.Frame {
    fileprivate func storedBytes(of positions: [UInt16]) -> Int {
        let some = positions.filter { Int($0) < chunks.count }.map { chunks[Int($0)] }
        if codec == .delta { return some.reduce(0) { $0 + $1.storedBytes } }
        let rawBytes = chunks.reduce(0) { $0 + $1.rawBytes }
        return bytes * some.reduce(0) { $0 + $1.rawBytes } / max(rawBytes, 1)
    }
}
