package import VarveFormat

/// What is wrong with one pack.
package struct PackDamage: Sendable {
    package var reasons: [String] = []
    /// Chunks that cannot be had from this pack; other packs may hold them, too.
    package var chunks: [ChunkID] = []
    /// Of these what is damaged here, and not only its base elsewhere.
    package var copies: Set<ChunkID> = []
    /// What is wrong with other packs, in which the bases of deltas lie.
    package var bases: Set<CheckFinding> = []

    package init() {}

    package var isNone: Bool { reasons.isEmpty && chunks.isEmpty }

    /// Nothing of a frame can be had, for some reason.
    mutating func add(_ reason: String, losing frame: TableOfContents.Frame) {
        reasons.append(reason)
        chunks += frame.chunks.map(\.id)
        copies.formUnion(frame.chunks.map(\.id))
    }

    /// Adds what is wrong with chunks of the pack.
    package mutating func add(_ faults: [ChunkFault]) {
        var wrong: [ChunkFault.Frame: Int] = [:]
        for fault in faults {
            chunks.append(fault.chunk)
            switch fault.kind {
            case .wrong:
                copies.insert(fault.chunk)
                wrong[fault.frame, default: 0] += 1
            case .baseUnreadable(let finding): bases.insert(finding)
            case .baseNowhere: break
            }
        }
        for (frame, count) in wrong.sorted(by: { $0.key.offset < $1.key.offset }) {
            reasons.append(
                "\(count) of \(frame.chunks) chunks in the frame at \(frame.offset) are not what "
                    + "the index says")
        }
    }
}

/// A chunk that cannot be had from one of its places.
package struct ChunkFault: Sendable {
    enum Kind: Sendable {
        /// What stands there is something else.
        case wrong
        case baseUnreadable(CheckFinding)
        /// That is found in the index, and is no fault of the pack.
        case baseNowhere
    }

    package struct Frame: Hashable, Sendable {
        package var pack: PackID
        var offset: Int
        var chunks: Int
    }

    package var frame: Frame
    var chunk: ChunkID
    var kind: Kind
}
