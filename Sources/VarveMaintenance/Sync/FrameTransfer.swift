import VarveCatalog
import VarveFormat
import VarveRepository

/// A frame of the source, and who wants which of its chunks.
struct FrameTransfer: Sendable {
    var pack: PackID
    var contents: PackContents
    var frame: TableOfContents.Frame
    /// By position.
    var wanted: [Int: DestinationSet]
    /// Whether it cannot wait until more of it is wanted, or the bases of its deltas are there.
    var isPressing: Bool

    var isDelta: Bool { frame.codec == .delta }

    /// Whether so much of it is wanted that copying it whole costs less than sealing anew.
    func isMostlyWanted(at destination: Int) -> Bool {
        var (all, some) = (0, 0)
        for (position, chunk) in frame.chunks.enumerated() {
            let bytes = isDelta ? chunk.storedBytes : chunk.rawBytes
            all += bytes
            if wanted[position]?.contains(position: destination) ?? false { some += bytes }
        }
        return some * 2 >= all && some > 0
    }

    /// About what a chunk takes of its frame.
    func storedBytes(of chunk: TableOfContents.Chunk) -> Int {
        if isDelta { return chunk.storedBytes }
        let all = frame.chunks.reduce(0) { $0 + $1.rawBytes }
        return frame.bytes * chunk.rawBytes / max(all, 1)
    }
}
