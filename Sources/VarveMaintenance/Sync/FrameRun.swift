import VarveFormat

/// Frames of one pack that are read with one call, and who gets them.
struct FrameRun: Sendable {
    private(set) var frames: [TableOfContents.Frame] = []
    private(set) var transfers: [(transfer: FrameTransfer, destinations: DestinationSet)] = []
    let pack: PackID
    let contents: PackContents

    /// Of frames by pack and place.
    static func all(
        _ transfers: [(transfer: FrameTransfer, destinations: DestinationSet)]
    ) -> [FrameRun] {
        var runs: [FrameRun] = []
        for one in transfers {
            if runs.last?.takes(one.transfer) != true {
                runs.append(FrameRun(pack: one.transfer.pack, contents: one.transfer.contents))
            }
            runs[runs.count - 1].frames.append(one.transfer.frame)
            runs[runs.count - 1].transfers.append(one)
        }
        return runs
    }

    private init(pack: PackID, contents: PackContents) {
        self.pack = pack
        self.contents = contents
    }

    private func takes(_ transfer: FrameTransfer) -> Bool {
        guard let first = frames.first, let last = frames.last, transfer.pack == pack else {
            return false
        }
        let gap = transfer.frame.offset - last.offset - last.bytes
        let length = transfer.frame.offset + transfer.frame.bytes - first.offset
        return (0...SyncLimits.gapBytes).contains(gap) && length <= SyncLimits.runBytes
    }
}
