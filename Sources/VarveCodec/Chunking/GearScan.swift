/// Finding samples. A sample depends on its window only, so any split into ranges and any number of
/// lanes finds the same ones.
extension Gear {
    /// Appends the samples among the positions `start..<end` of `buffer`, at most 4 GiB.
    ///
    /// The bytes directly before `start` must lie in `buffer` too: 63 of them, or all that the
    /// stream has.
    public func scan(
        _ buffer: UnsafeRawBufferPointer, from start: Int, to end: Int,
        into samples: inout SampleBuffer
    ) {
        scan(buffer, from: start, to: end, lanes: 4, into: &samples)
    }

    /// The same with 1, 2 or 4 hashes under way at once; four are the fastest.
    package func scan(
        _ buffer: UnsafeRawBufferPointer, from start: Int, to end: Int, lanes: Int,
        into samples: inout SampleBuffer
    ) {
        precondition(0 <= start && start <= end && end <= buffer.count && end <= Int(UInt32.max))
        guard start < end, let address = buffer.baseAddress else { return }
        let scan = LaneScan(bytes: address.assumingMemoryBound(to: UInt8.self), table: table)
        var position = start
        while lanes > 1 {
            let laneBytes = min(LaneScan.laneBytes, (end - position) / lanes)
            guard laneBytes >= LaneScan.laneBytesMin else { break }
            if lanes == 2 {
                scan.two(from: position, laneBytes: laneBytes, into: &samples)
            } else {
                scan.four(from: position, laneBytes: laneBytes, into: &samples)
            }
            position += lanes * laneBytes
        }
        scan.one(from: position, to: end, into: &samples)
    }
}
