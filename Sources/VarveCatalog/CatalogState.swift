import Synchronization
import VarveFormat

/// What lookups read: an immutable set of runs, newest first, and which packs are live.
final class CatalogState: @unchecked Sendable {
    // Unchecked: every property is a constant and `filters` is never written after `init`.

    private static let lastGeneration = Atomic<UInt64>(0)

    /// Greater than that of any state made before, in any catalog.
    let generation = lastGeneration.wrappingAdd(1, ordering: .relaxed).newValue
    let runs: [Run]
    /// The ids behind the pack ordinals.
    let packs: [PackID]
    let isLive: [Bool]
    /// Chunks whose copy in a pack is lost, by the pack's ordinal.
    private let lost: [UInt32: Set<ChunkID>]
    /// The runs' filters side by side, so that a miss touches no object.
    private let filters: UnsafeMutableBufferPointer<BlockedFilter>

    /// With `liveSegments` given, a pack must lie in one of them, too.
    init(
        runs: [Run], packs: [PackID], deadPacks: Set<PackID>, liveSegments: Set<SegmentID>?,
        lost: [PackID: Set<ChunkID>]
    ) {
        self.runs = runs
        self.packs = packs
        var isLive = [Bool](repeating: liveSegments == nil, count: packs.count)
        if let liveSegments {
            for run in runs {
                let segmentIsLive = run.segments.map { liveSegments.contains($0) }
                for (pack, segment) in zip(run.packs, run.packSegments)
                where segmentIsLive[Int(segment)] { isLive[Int(pack)] = true }
            }
        }
        if !deadPacks.isEmpty {
            for (ordinal, pack) in packs.enumerated() where deadPacks.contains(pack) {
                isLive[ordinal] = false
            }
        }
        self.isLive = isLive
        var lostHere: [UInt32: Set<ChunkID>] = [:]
        if !lost.isEmpty {
            for (ordinal, pack) in packs.enumerated() { lostHere[UInt32(ordinal)] = lost[pack] }
        }
        self.lost = lostHere
        filters = .allocate(capacity: runs.count)
        _ = filters.initialize(from: runs.map(\.filter))
    }

    deinit { filters.deallocate() }

    /// The first live copy that `accepts` takes, in the newest run that has one.
    func first(
        _ id: ChunkID, _ buffer: inout BucketBuffer, where accepts: (ChunkPlace) -> Bool
    ) throws(CatalogError) -> ChunkPlace? {
        let prefix = id.prefix
        for index in 0..<filters.count where filters[index].mayContain(prefix) {
            let found = try search(index, prefix, &buffer) { entryID, place in
                entryID == id && accepts(place)
            }
            if let found { return found.place }
        }
        return nil
    }

    /// All live copies, the newest run's first.
    func places(
        _ id: ChunkID, _ buffer: inout BucketBuffer
    ) throws(CatalogError) -> [ChunkPlace] {
        let prefix = id.prefix
        var places: [ChunkPlace] = []
        for index in 0..<filters.count where filters[index].mayContain(prefix) {
            _ = try search(index, prefix, &buffer) { entryID, place in
                if entryID == id, !places.contains(place) { places.append(place) }
                return false
            }
        }
        return places
    }

    /// The first live full chunk whose id starts with `prefix`.
    func fullChunk(
        _ prefix: UInt64, _ buffer: inout BucketBuffer
    ) throws(CatalogError) -> CatalogCandidate? {
        for index in 0..<filters.count where filters[index].mayContain(prefix) {
            let found = try search(index, prefix, &buffer) { _, place in !place.isDelta }
            if let found { return CatalogCandidate(id: found.id, place: found.place) }
        }
        return nil
    }

    /// The first live entry of a run that has this prefix and that `accepts` takes.
    private func search(
        _ index: Int, _ prefix: UInt64, _ buffer: inout BucketBuffer,
        where accepts: (ChunkID, ChunkPlace) -> Bool
    ) throws(CatalogError) -> (id: ChunkID, place: ChunkPlace)? {
        let run = runs[index]
        try run.chunks.load(run.chunks.bucket(of: prefix), of: run, into: &buffer)
        var index = buffer.lowerBound(prefix)
        while index < buffer.count {
            let entry = ChunkEntry(pointer: buffer[index])
            guard entry.prefix == prefix else { break }
            let place = try place(of: entry, in: run)
            let id = entry.id
            if isLive(id, in: place.pack), accepts(id, place) { return (id, place) }
            index += 1
        }
        return nil
    }

    /// Whether the copy of a chunk in the pack with this ordinal counts.
    @inline(__always)
    func isLive(_ id: ChunkID, in pack: UInt32) -> Bool {
        isLive[Int(pack)] && (lost.isEmpty || lost[pack]?.contains(id) != true)
    }

    func place(of entry: ChunkEntry, in run: Run) throws(CatalogError) -> ChunkPlace {
        let row = Int(entry.packRow)
        guard row < run.packs.count else { throw .damaged }
        return entry.place(pack: run.packs[row])
    }
}
