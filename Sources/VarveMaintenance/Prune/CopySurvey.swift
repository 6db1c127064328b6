import VarveCatalog
import VarveFormat
import VarveRepository

/// Gathers the copies of chunks, which come one chunk after the other, and chooses which are kept.
///
/// Every chunk of the repository passes here, in no order of packs: so a copy costs one lookup of its
/// frame, and nothing is allocated for it.
struct CopySurvey {
    private var choice: CopyChoice
    /// Whether a delta that no snapshot needs keeps its base, as it does while its pack stays.
    private let keepsIdleDeltas: Bool
    private var frames: [Frame] = []
    private var frameRows = FrameRows()
    /// Full chunks that no snapshot needs, by the start of their ids.
    private var unneeded: [UInt64: [(id: ChunkID, place: ChunkPlace)]] = [:]
    private var deltas: [(base: UInt64, delta: RepositoryUse.Delta)] = []

    private struct Frame {
        var pack: UInt32
        var contents: PackContents
        var offset: UInt32
        var use = FrameUse()
    }

    init(
        _ catalog: Catalog, leaving: Set<PackID>, named: Set<PackID>, keepsIdleDeltas: Bool = true
    ) {
        self.keepsIdleDeltas = keepsIdleDeltas
        choice = CopyChoice(catalog, leaving: leaving, named: named)
    }

    mutating func add(_ id: ChunkID, _ copies: ArraySlice<ChunkPlace>, isNeeded: Bool) {
        choice.meet(copies)
        // Nearly all are like this: there is nothing to choose.
        if copies.count == 1, isNeeded, let only = copies.first, !only.isDelta {
            count(only, isKept: true)
            return
        }
        let kept = isNeeded ? choice.best(copies) : nil
        for (index, place) in zip(copies.indices, copies) {
            count(place, isKept: index == kept)
            if place.isDelta, index == kept || keepsIdleDeltas && !choice.isLeaving(place) {
                deltas.append((place.base, RepositoryUse.Delta(id: id, copy: copy(place))))
            }
        }
        guard !isNeeded || kept.map({ copies[$0].isDelta }) ?? true,
            let full = choice.best(copies, fullOnly: true)
        else { return }
        unneeded[id.prefix, default: []].append((id, copies[full]))
    }

    private func copy(_ place: ChunkPlace) -> Copy {
        Copy(
            pack: choice.packID(place.pack), frame: place.frameOffset, position: place.position)
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
            found[choice.packID(frame.pack), default: PackUse(contents: frame.contents)].frames[
                frame.offset] =
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
