import VarveCatalog
import VarveFormat
import VarveRepository

/// Which copies of chunks are kept, and what that makes of each pack that the log names.
///
/// Of each chunk that a snapshot needs one copy is kept: in a pack that stays rather than in one that
/// is about to go, a full one rather than a delta, the older rather than the newer. A delta in a pack
/// that stays keeps a full copy of its base, whether a snapshot needs either or not: so whatever lies
/// in a pack that stays can be read.
struct RepositoryUse {
    private(set) var packs: [PackID: PackUse] = [:]
    /// Bases that nothing but deltas needs, each with its kept copy and the deltas on it.
    private(set) var bases: [ChunkID: Base] = [:]

    struct Base {
        var copy: Copy
        var rawBytes: Int
        var deltas: [Delta] = []
    }

    struct Delta {
        var id: ChunkID
        var copy: Copy
    }

    /// Measures `state`; `leaving` are the packs that are about to go.
    ///
    /// Throws `.damaged` when a chunk that a snapshot needs is nowhere, or a tree cannot be read: then
    /// nothing may go.
    init(
        _ repository: Repository, _ state: RepositoryState, _ mark: inout Mark,
        leaving: Set<PackID>
    ) throws {
        let catalog = try repository.catalog(following: state)
        // What is left of a base may still be had, as long as nothing goes.
        let orphans = state.lost.isEmpty ? [] : Set(try OrphanedDeltas(catalog).withoutBase())
        let ((use, orphaned), missed) = try mark.read(state) { scan in
            var survey = Survey(leaving)
            var orphaned = 0
            try catalog.forEachChunkWithCopies { id, places in
                let copies = places.map { Survey.Found($0, in: catalog.packID($0.pack)) }
                let isNeeded = try scan.contains(id)
                if isNeeded, orphans.contains(id) { orphaned += 1 }
                survey.add(id, copies, isNeeded: isNeeded)
            }
            return (survey, orphaned)
        }
        guard missed + orphaned == 0 else {
            throw RepositoryError.damaged(
                object: "\(missed + orphaned) chunks that snapshots need",
                reason: "no pack holds them",
                affects: "nothing is removed before that is mended")
        }
        packs = use.packs
        bases = use.bases()
        for base in bases.values {
            packs[base.copy.pack]?.frames[base.copy.frame]?
                .keep(base.copy.position, rawBytes: base.rawBytes)
        }
        releaseBases(leaving)
    }

    /// A pack in which nothing is needed takes its deltas with it, and they need no base.
    ///
    /// Not one that is about to go before them: until they are condemned, too, somebody may come to
    /// rely on them.
    private mutating func releaseBases(_ leaving: Set<PackID>) {
        var isDone = false
        while !isDone {
            isDone = true
            for (id, base) in bases
            where !leaving.contains(base.copy.pack)
                && base.deltas.allSatisfy({ !(packs[$0.copy.pack]?.isNeeded ?? false) })
            {
                bases[id] = nil
                packs[base.copy.pack]?.frames[base.copy.frame]?
                    .release(base.copy.position, rawBytes: base.rawBytes)
                isDone = false
            }
        }
    }
}

extension FrameUse {
    fileprivate mutating func keep(_ position: UInt16, rawBytes: Int) {
        if used.insert(position).inserted { rawBytesUsed += rawBytes }
    }

    fileprivate mutating func release(_ position: UInt16, rawBytes: Int) {
        if used.remove(position) != nil { rawBytesUsed -= rawBytes }
    }
}

/// Gathers the copies of chunks, which come one chunk after the other.
private struct Survey {
    struct Found {
        var place: ChunkPlace
        var pack: PackID

        init(_ place: ChunkPlace, in pack: PackID) { (self.place, self.pack) = (place, pack) }

        var copy: Copy { Copy(pack: pack, frame: place.frameOffset, position: place.position) }
    }

    private(set) var packs: [PackID: PackUse] = [:]
    private let leaving: Set<PackID>
    /// Full chunks that no snapshot needs, by the start of their ids.
    private var unneeded: [UInt64: [(id: ChunkID, found: Found)]] = [:]
    private var deltas: [(base: UInt64, delta: RepositoryUse.Delta)] = []

    init(_ leaving: Set<PackID>) { self.leaving = leaving }

    mutating func add(_ id: ChunkID, _ copies: [Found], isNeeded: Bool) {
        let kept = isNeeded ? best(copies) : nil
        for (index, found) in copies.enumerated() {
            count(found, isKept: index == kept)
            if found.place.isDelta, index == kept || !leaving.contains(found.pack) {
                deltas.append((found.place.base, RepositoryUse.Delta(id: id, copy: found.copy)))
            }
        }
        guard !isNeeded || kept.map({ copies[$0].place.isDelta }) ?? true,
            let full = best(copies, fullOnly: true)
        else { return }
        unneeded[id.prefix, default: []].append((id, copies[full]))
    }

    /// The copy to keep: the oldest of those that stand first.
    private func best(_ copies: [Found], fullOnly: Bool = false) -> Int? {
        copies.indices.filter { !fullOnly || !copies[$0].place.isDelta }.min { a, b in
            rank(copies[a], a) < rank(copies[b], b)
        }
    }

    private func rank(_ found: Found, _ index: Int) -> (Int, Int, Int) {
        // The newest come first.
        (leaving.contains(found.pack) ? 1 : 0, found.place.isDelta ? 1 : 0, -index)
    }

    private mutating func count(_ found: Found, isKept: Bool) {
        let place = found.place
        var frame = FrameUse()
        frame.bytes = Int(place.frameBytes)
        packs[found.pack, default: PackUse(contents: place.contents)]
            .frames[place.frameOffset, default: frame]
            .add(place, isKept: isKept)
    }

    /// The bases that are kept for deltas alone.
    func bases() -> [ChunkID: RepositoryUse.Base] {
        var found: [ChunkID: RepositoryUse.Base] = [:]
        for (prefix, delta) in deltas {
            // Of two ids that begin alike both are kept: that is rare, and safe.
            for (id, full) in unneeded[prefix] ?? [] {
                found[
                    id, default: .init(copy: full.copy, rawBytes: Int(full.place.rawBytes))
                ].deltas.append(delta)
            }
        }
        return found
    }
}

extension FrameUse {
    fileprivate mutating func add(_ place: ChunkPlace, isKept: Bool) {
        chunks += 1
        rawBytes += Int(place.rawBytes)
        if isKept { keep(place.position, rawBytes: Int(place.rawBytes)) }
    }
}
