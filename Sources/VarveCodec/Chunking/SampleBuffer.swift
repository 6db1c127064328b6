/// A position whose Gear hash has seven leading zero bits.
public struct Sample: Sendable, Equatable {
    /// Counted from the start of the scanned buffer.
    public var position: UInt32
    public var hash: UInt64

    @inlinable
    public init(position: UInt32, hash: UInt64) {
        self.position = position
        self.hash = hash
    }
}

/// A growing list of samples that keeps its memory, so that scanning allocates nothing in the long
/// run.
///
/// Ordinary data gives a sample in 128 bytes; the worst, where every position is one, takes 16
/// bytes for each byte scanned. Who must bound memory scans in steps and consumes between them.
public struct SampleBuffer: ~Copyable, @unchecked Sendable {
    // Unchecked: it is the only owner of what its pointers lead to.
    private var storage: UnsafeMutablePointer<Sample>
    private var capacity: Int
    public private(set) var count = 0
    /// Room for what each lane finds in one block, before it is put in order.
    let lanes: UnsafeMutablePointer<Sample>

    public init() {
        capacity = 1 << 12
        storage = .allocate(capacity: capacity)
        lanes = .allocate(capacity: LaneScan.lanesMax * LaneScan.laneBytes)
    }

    deinit {
        storage.deallocate()
        lanes.deallocate()
    }

    /// The samples in order of position, until the next change.
    public var samples: UnsafeBufferPointer<Sample> {
        UnsafeBufferPointer(start: storage, count: count)
    }

    public mutating func removeAll() { count = 0 }

    /// Adds samples that come after those that are there.
    public mutating func append(_ more: Slice<UnsafeBufferPointer<Sample>>) {
        reserve(more.count)
        for sample in more {
            (storage + count).initialize(to: sample)
            count += 1
        }
    }

    /// Adds what a lane that started at `start` has found.
    mutating func append(_ lane: Lane, from start: Int) {
        let added = lane.end - lane.first
        reserve(added)
        let output = storage + count
        for index in 0..<added {
            var sample = lane.first[index]
            sample.position &+= UInt32(truncatingIfNeeded: start)
            (output + index).initialize(to: sample)
        }
        count += added
    }

    private mutating func reserve(_ added: Int) {
        guard count + added > capacity else { return }
        let larger = max(capacity * 2, count + added)
        let moved = UnsafeMutablePointer<Sample>.allocate(capacity: larger)
        moved.moveInitialize(from: storage, count: count)
        storage.deallocate()
        storage = moved
        capacity = larger
    }
}
