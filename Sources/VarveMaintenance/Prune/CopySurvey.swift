import VarveCatalog
import VarveFormat
import VarveRepository

/// Gathers the copies of chunks, which come one chunk after the other, and chooses which are kept.
///
/// Every chunk of the repository passes here, in no order of packs: so a copy costs one lookup of its
/// frame, and nothing is allocated for it.
struct CopySurvey {
    private let catalog: Catalog
    private let leaving: Set<PackID>
    /// Packs that a segment names which stays.
    private let named: Set<PackID>
    /// By the packs' ordinals in the catalog; nil until one is met.
    private var packIDs: [Pack?] = []
    private var frames: [Frame] = []
    private var frameRows = FrameRows()
    /// Full chunks that no snapshot needs, by the start of their ids.
    private var unneeded: [UInt64: [(id: ChunkID, place: ChunkPlace)]] = [:]
    private var deltas: [(base: UInt64, delta: RepositoryUse.Delta)] = []

    private struct Pack {
        var id: PackID
        var isLeaving: Bool
        var isNamed: Bool
    }

    private struct Frame {
        var pack: UInt32
        var contents: PackContents
        var offset: UInt32
        var use = FrameUse()
    }

    init(_ catalog: Catalog, leaving: Set<PackID>, named: Set<PackID>) {
        (self.catalog, self.leaving, self.named) = (catalog, leaving, named)
    }

    mutating func add(_ id: ChunkID, _ copies: ArraySlice<ChunkPlace>, isNeeded: Bool) {
        for place in copies { meet(place.pack) }
        // Nearly all are like this: there is nothing to choose.
        if copies.count == 1, isNeeded, let only = copies.first, !only.isDelta {
            count(only, isKept: true)
            return
        }
        let kept = isNeeded ? best(copies) : nil
        for (index, place) in zip(copies.indices, copies) {
            count(place, isKept: index == kept)
            if place.isDelta, index == kept || !isLeaving(place) {
                deltas.append((place.base, RepositoryUse.Delta(id: id, copy: copy(place))))
            }
        }
        guard !isNeeded || kept.map({ copies[$0].isDelta }) ?? true,
            let full = best(copies, fullOnly: true)
        else { return }
        unneeded[id.prefix, default: []].append((id, copies[full]))
    }

    private mutating func meet(_ pack: UInt32) {
        let row = Int(pack)
        while packIDs.count <= row { packIDs.append(nil) }
        guard packIDs[row] == nil else { return }
        let id = catalog.packID(pack)
        packIDs[row] = Pack(
            id: id, isLeaving: leaving.contains(id), isNamed: named.contains(id))
    }

    private func isLeaving(_ place: ChunkPlace) -> Bool {
        packIDs[Int(place.pack)]?.isLeaving ?? false
    }

    private func isNamed(_ place: ChunkPlace) -> Bool {
        packIDs[Int(place.pack)]?.isNamed ?? false
    }

    private func copy(_ place: ChunkPlace) -> Copy {
        Copy(
            pack: packIDs[Int(place.pack)]?.id ?? catalog.packID(place.pack),
            frame: place.frameOffset, position: place.position)
    }

    /// The copy to keep: the oldest of those that stand first.
    private func best(_ copies: ArraySlice<ChunkPlace>, fullOnly: Bool = false) -> Int? {
        var best: (index: Int, rank: Int)?
        // The newest come first.
        for (index, place) in zip(copies.indices, copies) where !(fullOnly && place.isDelta) {
            let rank = (isLeaving(place) || !isNamed(place) ? 2 : 0) + (place.isDelta ? 1 : 0)
            if best.map({ rank <= $0.rank }) ?? true { best = (index, rank) }
        }
        return best?.index
    }

    private mutating func count(_ place: ChunkPlace, isKept: Bool) {
        let row = row(of: place)
        frames[row].use.chunks += 1
        frames[row].use.rawBytes += Int(place.rawBytes)
        if isKept { frames[row].use.keep(place.position, rawBytes: Int(place.rawBytes)) }
    }

    private mutating func row(of place: ChunkPlace) -> Int {
        let row = frameRows.row(of: UInt64(place.pack) << 32 | UInt64(place.frameOffset))
        if row < frames.count { return row }
        var frame = Frame(pack: place.pack, contents: place.contents, offset: place.frameOffset)
        frame.use.bytes = Int(place.frameBytes)
        frames.append(frame)
        return row
    }

    /// How much of each pack is needed.
    func packs() -> [PackID: PackUse] {
        var found: [PackID: PackUse] = [:]
        for frame in frames {
            guard let pack = packIDs[Int(frame.pack)] else { continue }
            found[pack.id, default: PackUse(contents: frame.contents)].frames[frame.offset] =
                frame.use
        }
        return found
    }

    /// The bases that are kept for deltas alone.
    func bases() -> [ChunkID: RepositoryUse.Base] {
        var found: [ChunkID: RepositoryUse.Base] = [:]
        for (prefix, delta) in deltas {
            // Of two ids that begin alike both are kept: that is rare, and safe.
            for (id, full) in unneeded[prefix] ?? [] {
                found[id, default: .init(copy: copy(full), rawBytes: Int(full.rawBytes))]
                    .deltas.append(delta)
            }
        }
        return found
    }
}

/// Numbers keys in the order in which they are first asked for.
///
/// Each copy of a chunk asks here, and a dictionary's hash would take longer than all the rest.
private struct FrameRows {
    /// Slots of keys, found from their hashes on; at most half are taken.
    private var keys = [UInt64](repeating: 0, count: 1 << 10)
    /// The row of the key in each slot; negative where there is none.
    private var rows = [Int32](repeating: -1, count: 1 << 10)
    private var count = 0

    mutating func row(of key: UInt64) -> Int {
        let slot = slot(of: key)
        if rows[slot] >= 0 { return Int(rows[slot]) }
        keys[slot] = key
        rows[slot] = Int32(count)
        count += 1
        if count * 2 > rows.count { grow() }
        return count - 1
    }

    /// Where the key is, or belongs. By the multiplier of Fibonacci hashing (Knuth, The Art of
    /// Computer Programming 3, 6.4).
    private func slot(of key: UInt64) -> Int {
        let hash = key &* 0x9e37_79b9_7f4a_7c15
        var slot = Int(hash >> UInt64(64 - rows.count.trailingZeroBitCount))
        while rows[slot] >= 0 && keys[slot] != key { slot = (slot + 1) & (rows.count - 1) }
        return slot
    }

    private mutating func grow() {
        let old = zip(keys, rows).filter { $0.1 >= 0 }
        keys = Array(repeating: 0, count: keys.count * 2)
        rows = Array(repeating: -1, count: keys.count)
        for (key, row) in old {
            let slot = slot(of: key)
            (keys[slot], rows[slot]) = (key, row)
        }
    }
}
