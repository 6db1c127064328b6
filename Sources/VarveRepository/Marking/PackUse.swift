import VarveCatalog
package import VarveFormat

/// How much of one frame is needed.
package struct FrameUse: Sendable {
    /// Stored bytes.
    package var bytes = 0
    package var rawBytes = 0
    package var rawBytesUsed = 0
    package var chunks = 0
    /// The positions of the chunks that are needed, in ascending order.
    package var used: [UInt16] = []

    package var isWhole: Bool { used.count == chunks }
}

/// How much of one pack is needed.
package struct PackUse: Sendable {
    package var id: PackID
    package var contents: PackContents
    /// By where they start.
    package var frames: [UInt32: FrameUse] = [:]

    package var isNeeded: Bool { frames.contains { !$0.value.used.isEmpty } }

    /// Stored bytes of the frames, each by the share of its plain bytes that is needed.
    package var bytesUsed: Int {
        frames.values.reduce(0) { sum, frame in
            frame.isWhole
                ? sum + frame.bytes
                : sum + frame.bytes * frame.rawBytesUsed / max(frame.rawBytes, 1)
        }
    }
}

/// A delta whose base no snapshot needs.
package struct Dependent: Sendable, Hashable {
    package var id: ChunkID
    package var pack: PackID
    package var frame: UInt32
    package var position: UInt16
    /// Whether it is the copy of its chunk that is kept.
    package var isKept: Bool
}

/// What the snapshots of a state need of each pack that the log names.
package struct RepositoryUse: Sendable {
    package var packs: [PackID: PackUse] = [:]
    /// The deltas on a full chunk that is only needed as their base.
    package var dependents: [ChunkID: [Dependent]] = [:]
    /// Where a full copy of such a base is kept: pack, frame, position.
    package var bases: [ChunkID: (pack: PackID, frame: UInt32, position: UInt16)] = [:]
}
