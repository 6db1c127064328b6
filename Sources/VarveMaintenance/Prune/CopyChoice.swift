import VarveCatalog
import VarveFormat

/// Chooses which of several copies of a chunk is kept: in a pack that stays rather than in one that is about
/// to go, a full one rather than a delta, the older rather than the newer.
struct CopyChoice {
    private let catalog: Catalog
    private let leaving: Set<PackID>
    /// Packs that a segment names which stays.
    private let named: Set<PackID>
    /// By the packs' ordinals in the catalog; nil until one is met.
    private var packs: [Pack?] = []

    private struct Pack {
        var id: PackID
        var isLeaving: Bool
        var isNamed: Bool
    }

    init(_ catalog: Catalog, leaving: Set<PackID>, named: Set<PackID>) {
        (self.catalog, self.leaving, self.named) = (catalog, leaving, named)
    }

    /// Takes note of the packs that hold these copies, which comes before asking about them.
    mutating func meet(_ copies: ArraySlice<ChunkPlace>) {
        for place in copies { meet(place.pack) }
    }

    private mutating func meet(_ pack: UInt32) {
        let row = Int(pack)
        while packs.count <= row { packs.append(nil) }
        guard packs[row] == nil else { return }
        let id = catalog.packID(pack)
        packs[row] = Pack(
            id: id, isLeaving: leaving.contains(id), isNamed: named.contains(id))
    }

    func packID(_ ordinal: UInt32) -> PackID {
        packs[Int(ordinal)]?.id ?? catalog.packID(ordinal)
    }

    func isLeaving(_ place: ChunkPlace) -> Bool { packs[Int(place.pack)]?.isLeaving ?? false }

    private func isNamed(_ place: ChunkPlace) -> Bool {
        packs[Int(place.pack)]?.isNamed ?? false
    }

    /// The copy to keep: the oldest of those that stand first.
    func best(_ copies: ArraySlice<ChunkPlace>, fullOnly: Bool = false) -> Int? {
        var best: (index: Int, rank: Int)?
        // The newest come first.
        for (index, place) in zip(copies.indices, copies) where !(fullOnly && place.isDelta) {
            let rank = (isLeaving(place) || !isNamed(place) ? 2 : 0) + (place.isDelta ? 1 : 0)
            if best.map({ rank <= $0.rank }) ?? true { best = (index, rank) }
        }
        return best?.index
    }
}
