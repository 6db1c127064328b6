import VarveFormat
import VarveRepository

/// Some segments written as few, with the packs that stay.
struct SegmentMerge {
    private let session: WriteSession
    private var packs: [Segment.Pack] = []
    private var bytes = 0
    private var written: [SegmentID] = []
    /// Bytes at which a segment ends; one pack more still fits.
    private static let bytesMax = 16 << 20

    /// Writes what `segments` say of the packs that stay; the segments that do so from now on.
    static func write(
        _ segments: [SegmentID], _ session: WriteSession, where stays: (PackID) -> Bool
    ) throws -> [SegmentID] {
        var merge = SegmentMerge(session: session)
        var seen: Set<PackID> = []
        for id in segments {
            for pack in try session.repository.segment(id).packs
            where stays(pack.id) && seen.insert(pack.id).inserted {
                try merge.add(pack)
            }
        }
        try merge.end()
        return merge.written
    }

    private init(session: WriteSession) { self.session = session }

    private mutating func add(_ pack: Segment.Pack) throws {
        packs.append(pack)
        bytes += pack.table.byteCountAtMost
        if bytes >= Self.bytesMax { try end() }
    }

    private mutating func end() throws {
        guard !packs.isEmpty else { return }
        written.append(try session.put(Segment(packs: packs)))
        (packs, bytes) = ([], 0)
    }
}

extension TableOfContents {
    fileprivate var byteCountAtMost: Int {
        frames.reduce(64) { $0 + 28 + $1.chunks.count * 85 }
    }
}
