import VarveFormat
import VarveRepository

/// Some segments written as few, with the packs that stay.
struct SegmentMerge {
    private var merged: [Segment] = []
    /// Bytes at which a segment ends; one pack more still fits.
    static let bytesMax = 16 << 20

    init(
        _ repository: Repository, _ segments: [SegmentID], where stays: (PackID) -> Bool
    ) throws {
        var packs: [Segment.Pack] = []
        var seen: Set<PackID> = []
        var bytes = 0
        for id in segments {
            for pack in try repository.segment(id).packs
            where stays(pack.id) && seen.insert(pack.id).inserted {
                packs.append(pack)
                bytes += pack.table.byteCountAtMost
                if bytes >= Self.bytesMax {
                    merged.append(Segment(packs: packs))
                    (packs, bytes) = ([], 0)
                }
            }
        }
        if !packs.isEmpty { merged.append(Segment(packs: packs)) }
    }

    func write(_ session: WriteSession) throws -> [SegmentID] {
        try merged.map { try session.put($0) }
    }
}

extension TableOfContents {
    /// Its encoded length, or a little more.
    var byteCountAtMost: Int {
        frames.reduce(64) { $0 + 28 + $1.chunks.count * 85 }
    }
}
