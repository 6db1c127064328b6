/// Who reads the frames of packs in order, and what they will want next; `Pack` names a pack.
struct ReadPattern<Pack: Hashable & Sendable>: Sendable {
    private struct Stream {
        var pack: Pack
        /// Where the frame that was used last begins and ends.
        var last: Range<Int>
        /// How far frames were opened ahead, or are about to be.
        var ahead: Int
        /// How many frames were opened ahead and not used yet.
        var waiting = 0
    }

    /// Those that were used last stand last.
    private var streams: [Stream] = []
    private let streamsMax: Int
    private let framesAhead: Int
    private let skipBytes: Int

    init(streams: Int, framesAhead: Int, skipBytes: Int) {
        (streamsMax, self.framesAhead, self.skipBytes) = (streams, framesAhead, skipBytes)
    }

    /// Notes that a frame is used; where to go on opening, and how many frames, if that will pay: the one
    /// before it, or one a little before, was used as well.
    mutating func used(_ pack: Pack, _ frame: Range<Int>) -> (offset: Int, count: Int)? {
        guard let index = streams.lastIndex(where: { $0.pack == pack && reaches($0, frame) }) else {
            streams.append(Stream(pack: pack, last: frame, ahead: frame.upperBound))
            if streams.count > streamsMax { streams.removeFirst() }
            return nil
        }
        guard streams[index].last != frame else { return nil }
        var stream = streams.remove(at: index)
        defer { streams.append(stream) }
        stream.last = frame
        stream.waiting = max(0, stream.waiting - 1)
        if stream.ahead < frame.upperBound {
            (stream.ahead, stream.waiting) = (frame.upperBound, 0)
        }
        guard stream.waiting < framesAhead else { return nil }
        let count = framesAhead - stream.waiting
        stream.waiting = framesAhead
        return (stream.ahead, count)
    }

    /// Notes how far frames are opened behind `offset`.
    mutating func opened(_ pack: Pack, from offset: Int, to end: Int) {
        guard let index = streams.lastIndex(where: { $0.pack == pack && $0.ahead == offset }) else {
            return
        }
        streams[index].ahead = end
    }

    private func reaches(_ stream: Stream, _ frame: Range<Int>) -> Bool {
        stream.last == frame
            || stream.last.upperBound <= frame.lowerBound
                && frame.lowerBound - stream.last.upperBound <= skipBytes
    }
}
