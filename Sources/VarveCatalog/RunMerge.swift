import VarveFormat
import VarveSystem

/// Several runs written as one, with the same answers, in constant memory but for the new run's own
/// and the prefixes of the chunks that are left out.
struct RunMerge {
    /// A chunk with more copies than this may keep some of them twice.
    private static let placesComparedMax = 16

    /// Newest first.
    private let runs: [Run]
    private let names: RunNames
    /// For each run and row of its pack table the row in `names` that stands for the pack, nil for
    /// one that only unwanted segments name.
    private let rows: [[UInt32?]]

    /// Leaves out what only segments in `unwanted` name; `packs` are the ids of the open catalog's
    /// ordinals.
    init(_ runs: [Run], packs: [PackID], unwanted: Set<SegmentID>) {
        var names = RunNames()
        var segmentRows: [SegmentID: UInt32] = [:]
        var packRows: [UInt32: UInt32] = [:]
        var known: Set<PackInSegment> = []
        for run in runs {
            let segments = run.segments.map { segment -> UInt32? in
                if unwanted.contains(segment) { return nil }
                if let row = segmentRows[segment] { return row }
                let row = UInt32(names.segments.count)
                segmentRows[segment] = row
                names.append(segment)
                return row
            }
            for (pack, segment) in zip(run.packs, run.packSegments) {
                guard let segment = segments[Int(segment)],
                    known.insert(PackInSegment(pack: pack, segment: segment)).inserted
                else { continue }
                // A pack that two segments name has two rows; its chunks stay with the first.
                if packRows[pack] == nil { packRows[pack] = UInt32(names.packs.count) }
                names.append(packs[Int(pack)], segment: segment)
            }
        }
        rows = runs.map { run in run.packs.map { packRows[$0] } }
        self.runs = runs
        self.names = names
    }

    private struct PackInSegment: Hashable {
        let pack: UInt32
        let segment: UInt32
    }

    var chunksMax: Int { runs.reduce(0) { $0 + $1.chunks.count } }
    var featuresMax: Int { runs.reduce(0) { $0 + $1.features.count } }

    func write(to writer: inout RunWriter, repository: RepositoryID) throws -> RunDigest {
        let leftOut = try writeChunks(to: &writer)
        try writer.endChunks()
        try writeFeatures(to: &writer, but: leftOut)
        return try writer.finish(names, repository: repository)
    }

    /// Returns the prefixes of those of which it keeps no entry.
    private func writeChunks(to writer: inout RunWriter) throws -> Set<UInt64> {
        let scans = try runs.map { try TableScan($0.chunks, of: $0) }
        var leftOut: Set<UInt64> = []
        var last = (id: ChunkID?.none, places: [ChunkPlace]())
        try withUnsafeTemporaryAllocation(byteCount: ChunkEntry.byteCount, alignment: 8) {
            let copy = $0.baseAddress!
            while let (source, pointer) = Self.least(scans, by: { ChunkEntry(pointer: $0).prefix })
            {
                let entry = ChunkEntry(pointer: pointer)
                let packRows = rows[source]
                guard Int(entry.packRow) < packRows.count else { throw CatalogError.damaged }
                if let row = packRows[Int(entry.packRow)] {
                    let (id, place) = (entry.id, entry.place(pack: row))
                    leftOut.remove(id.prefix)
                    if last.id != id { last = (id, []) }
                    if !last.places.contains(place) {
                        if last.places.count < Self.placesComparedMax { last.places.append(place) }
                        ChunkEntry.write(id, place, to: copy)
                        try writer.append(ChunkEntry(pointer: copy))
                    }
                } else if entry.prefix != last.id?.prefix {
                    leftOut.insert(entry.prefix)
                }
                try scans[source].advance()
            }
        }
        return leftOut
    }

    private func writeFeatures(to writer: inout RunWriter, but leftOut: Set<UInt64>) throws {
        let scans = try runs.map { try TableScan($0.features, of: $0) }
        while let (source, pointer) = Self.least(
            scans, by: { FeatureEntry.key(FeatureEntry(pointer: $0).feature) })
        {
            let entry = FeatureEntry(pointer: pointer)
            if !leftOut.contains(entry.base) { try writer.append(entry) }
            try scans[source].advance()
        }
    }

    /// The scan whose entry comes first; of equal ones the newest.
    private static func least(
        _ scans: [TableScan], by key: (UnsafeRawPointer) -> UInt64
    ) -> (source: Int, entry: UnsafeRawPointer)? {
        var best: (source: Int, entry: UnsafeRawPointer)?
        var bestKey = UInt64.max
        for (source, scan) in scans.enumerated() {
            guard let entry = scan.entry else { continue }
            let next = key(entry)
            if best == nil || next < bestKey {
                best = (source, entry)
                bestKey = next
            }
        }
        return best
    }
}
