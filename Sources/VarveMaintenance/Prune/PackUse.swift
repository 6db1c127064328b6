public import VarveFormat

/// How much of one frame is needed.
public struct FrameUse: Sendable, Equatable {
    /// Stored bytes.
    public var bytes = 0
    public var rawBytes = 0
    public var rawBytesUsed = 0
    public var chunks = 0
    /// The positions of the chunks that are needed.
    public var used: Set<UInt16> = []

    public var isWhole: Bool { used.count == chunks }

    /// Of the stored bytes the share of the plain bytes that are needed.
    public var bytesUsed: Int {
        isWhole ? bytes : bytes * rawBytesUsed / max(rawBytes, 1)
    }
}

/// How much of one pack is needed.
public struct PackUse: Sendable, Equatable {
    public var contents: PackContents
    /// By where they start.
    public var frames: [UInt32: FrameUse] = [:]

    public init(contents: PackContents) { self.contents = contents }

    public var isNeeded: Bool { frames.values.contains { !$0.used.isEmpty } }
    public var bytes: Int { frames.values.reduce(0) { $0 + $1.bytes } }
    public var bytesUsed: Int { frames.values.reduce(0) { $0 + $1.bytesUsed } }
}

/// One copy of a chunk.
public struct Copy: Sendable, Hashable {
    public var pack: PackID
    public var frame: UInt32
    public var position: UInt16
}
