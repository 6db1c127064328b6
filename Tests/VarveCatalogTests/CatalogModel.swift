import TestSupport
import VarveFormat

@testable import VarveCatalog

extension SeededNumbers {
    /// With an ordinal of 0, which the catalog gives anew.
    mutating func place(isDelta: Bool = false) -> ChunkPlace {
        ChunkPlace(
            frameOffset: .random(in: 0 ... .max, using: &self),
            frameBytes: .random(in: 0 ... .max, using: &self),
            position: .random(in: 0 ... .max, using: &self), isDelta: isDelta,
            rawBytes: .random(in: 0 ... .max, using: &self))
    }

    mutating func features() -> SuperFeatures {
        SuperFeatures(
            .random(in: 0 ... .max, using: &self), .random(in: 0 ... .max, using: &self),
            .random(in: 0 ... .max, using: &self)
        )
    }
}

/// A place with its pack's name in place of the ordinal.
struct NamedPlace: Hashable {
    let pack: PackID
    let numbers: [UInt32]

    init(_ pack: PackID, _ place: ChunkPlace) {
        self.pack = pack
        numbers = [
            place.frameOffset, place.frameBytes, UInt32(place.position), place.isDelta ? 1 : 0,
            place.rawBytes, UInt32(truncatingIfNeeded: place.base), UInt32(place.base >> 32),
        ]
    }

    var isDelta: Bool { numbers[3] == 1 }
}

/// What a catalog is to answer, in the plainest way.
struct CatalogModel {
    private(set) var places: [ChunkID: Set<NamedPlace>] = [:]
    private(set) var segmentsOfPack: [PackID: Set<SegmentID>] = [:]
    private(set) var segments: Set<SegmentID> = []
    var deadPacks: Set<PackID> = []
    var liveSegments: Set<SegmentID>?

    mutating func add(_ segment: SegmentID, _ packs: [(PackID, [CatalogChunk])]) -> SegmentEntries {
        var entries = SegmentEntries(segment: segment)
        segments.insert(segment)
        liveSegments?.insert(segment)
        for (pack, chunks) in packs {
            entries.beginPack(pack)
            segmentsOfPack[pack, default: []].insert(segment)
            for chunk in chunks {
                entries.append(chunk)
                var place = chunk.place
                place.base = chunk.base?.prefix ?? 0
                places[chunk.id, default: []].insert(NamedPlace(pack, place))
            }
        }
        return entries
    }

    mutating func forgetAll() {
        (places, segmentsOfPack, segments) = ([:], [:], [])
    }

    func livePlaces(_ id: ChunkID) -> Set<NamedPlace> {
        places[id, default: []].filter { place in
            guard !deadPacks.contains(place.pack) else { return false }
            guard let liveSegments else { return true }
            return !segmentsOfPack[place.pack, default: []].isDisjoint(with: liveSegments)
        }
    }
}

extension Catalog {
    func named(_ place: ChunkPlace) -> NamedPlace { NamedPlace(packID(place.pack), place) }
}
