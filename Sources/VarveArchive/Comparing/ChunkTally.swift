import VarveFormat

/// The chunks of what differs between two trees, to tell which of them only one side has.
struct ChunkTally {
    private var old: [ChunkID: UInt32] = [:]
    private var new: [ChunkID: UInt32] = [:]
    /// Of chunks that were too many to be remembered.
    private var uncounted = (old: Sum(), new: Sum())
    private let chunksMax: Int

    struct Sum: Equatable {
        var chunks = 0
        var bytes = 0
    }

    enum Side { case old, new }

    init(chunksMax: Int = 512 << 10) { self.chunksMax = chunksMax }

    mutating func add(_ id: ChunkID, bytes: Int, to side: Side) {
        // Storage may say any length.
        let length = UInt32(clamping: bytes)
        switch side {
        case .old: Self.add(id, length, to: &old, &uncounted.old, chunksMax)
        case .new: Self.add(id, length, to: &new, &uncounted.new, chunksMax)
        }
    }

    private static func add(
        _ id: ChunkID, _ bytes: UInt32, to known: inout [ChunkID: UInt32], _ rest: inout Sum,
        _ limit: Int
    ) {
        if known.count < limit {
            known[id] = bytes
        } else if known[id] == nil {
            rest.chunks += 1
            rest.bytes &+= Int(bytes)
        }
    }

    /// Whether chunks were so many that some may be counted more than once.
    var isUpperBound: Bool { uncounted.old.chunks + uncounted.new.chunks > 0 }

    /// Chunks that only the new side has.
    var addedIDs: Set<ChunkID> { Set(new.keys.lazy.filter { old[$0] == nil }) }

    var added: Sum { Self.sum(new, without: old, uncounted.new) }
    var removed: Sum { Self.sum(old, without: new, uncounted.old) }

    private static func sum(
        _ some: [ChunkID: UInt32], without others: [ChunkID: UInt32], _ rest: Sum
    ) -> Sum {
        some.reduce(into: rest) { sum, chunk in
            guard others[chunk.key] == nil else { return }
            sum.chunks += 1
            sum.bytes &+= Int(chunk.value)
        }
    }
}
