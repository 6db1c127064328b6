/// The inner loops of the scan. One hash alone waits for its own last step; four of them, each in
/// its own stretch of the bytes, fill the processor's execution units.
struct LaneScan {
    let bytes: UnsafePointer<UInt8>
    let table: UnsafePointer<UInt64>

    static let lanesMax = 4
    /// What one lane scans before the lanes are put in order; the samples of four lanes, should
    /// every position be one, take 512 KiB.
    static let laneBytes = 8 << 10
    /// Below, warming the lanes up costs more than they gain.
    static let laneBytesMin = 256

    /// One lane, any length: the reference that the others are tested against.
    func one(from start: Int, to end: Int, into samples: inout SampleBuffer) {
        var position = start
        while position < end {
            let count = min(end - position, Self.laneBytes)
            var a = lane(0, from: position, samples)
            for index in 0..<count { a.step(bytes[position &+ index], index, table) }
            samples.append(a, from: position)
            position += count
        }
    }

    /// Two lanes of `laneBytes` each.
    func two(from start: Int, laneBytes: Int, into samples: inout SampleBuffer) {
        var a = lane(0, from: start, samples)
        var b = lane(1, from: start + laneBytes, samples)
        let bytes = bytes + start
        for index in 0..<laneBytes {
            a.step(bytes[index], index, table)
            b.step(bytes[index &+ laneBytes], index, table)
        }
        samples.append(a, from: start)
        samples.append(b, from: start + laneBytes)
    }

    /// Four lanes of `laneBytes` each.
    func four(from start: Int, laneBytes: Int, into samples: inout SampleBuffer) {
        var a = lane(0, from: start, samples)
        var b = lane(1, from: start + laneBytes, samples)
        var c = lane(2, from: start + 2 * laneBytes, samples)
        var d = lane(3, from: start + 3 * laneBytes, samples)
        if laneBytes == Self.laneBytes {
            // A constant distance between the lanes leaves registers for everything else.
            interleave(&a, &b, &c, &d, from: start, laneBytes: Self.laneBytes)
        } else {
            interleave(&a, &b, &c, &d, from: start, laneBytes: laneBytes)
        }
        samples.append(a, from: start)
        samples.append(b, from: start + laneBytes)
        samples.append(c, from: start + 2 * laneBytes)
        samples.append(d, from: start + 3 * laneBytes)
    }

    @inline(__always)
    private func interleave(
        _ a: inout Lane, _ b: inout Lane, _ c: inout Lane, _ d: inout Lane, from start: Int,
        laneBytes: Int
    ) {
        let bytes = bytes + start
        for index in 0..<laneBytes {
            a.step(bytes[index], index, table)
            b.step(bytes[index &+ laneBytes], index, table)
            c.step(bytes[index &+ 2 &* laneBytes], index, table)
            d.step(bytes[index &+ 3 &* laneBytes], index, table)
        }
    }

    /// Lane `number`, at `start`, its hash warmed up on the bytes before.
    @inline(__always)
    private func lane(_ number: Int, from start: Int, _ samples: borrowing SampleBuffer) -> Lane {
        var hash: UInt64 = 0
        for index in max(0, start - (Gear.windowBytes - 1))..<start {
            hash = (hash &<< 1) &+ table[Int(bytes[index])]
        }
        return Lane(hash: hash, first: samples.lanes + number * Self.laneBytes)
    }
}

/// One hash under way, and the samples it found, which count from the start of the lane.
struct Lane {
    private var hash: UInt64
    let first: UnsafeMutablePointer<Sample>
    private(set) var end: UnsafeMutablePointer<Sample>

    init(hash: UInt64, first: UnsafeMutablePointer<Sample>) {
        self.hash = hash
        self.first = first
        end = first
    }

    /// Takes the byte at `index` of the lane.
    @inline(__always)
    mutating func step(_ byte: UInt8, _ index: Int, _ table: UnsafePointer<UInt64>) {
        hash = (hash &<< 1) &+ table[Int(byte)]
        if _slowPath(hash < Gear.sampleBound) {
            end.initialize(
                to: Sample(position: UInt32(truncatingIfNeeded: index), hash: hash))
            end += 1
        }
    }
}
