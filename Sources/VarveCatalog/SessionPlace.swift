/// Where a chunk lies that this process wrote and that no segment names yet.
public struct SessionPlace: Sendable, Equatable {
    /// The caller's number for one of its packs.
    public var packSlot: UInt32
    /// Where the sealed frame starts in the pack, in bytes.
    public var frameOffset: UInt32
    /// How long the sealed frame is, in bytes.
    public var frameBytes: UInt32
    /// The chunk's position in the frame's directory.
    public var position: UInt16
    /// The chunk's plain length, in bytes.
    public var rawBytes: UInt32
    public var isDelta: Bool

    public init(
        packSlot: UInt32, frameOffset: UInt32, frameBytes: UInt32, position: UInt16,
        rawBytes: UInt32, isDelta: Bool
    ) {
        self.packSlot = packSlot
        self.frameOffset = frameOffset
        self.frameBytes = frameBytes
        self.position = position
        self.rawBytes = rawBytes
        self.isDelta = isDelta
    }
}

/// Who stores a chunk.
public enum SessionClaim: Sendable, Equatable {
    /// The caller, from now on: it calls `place`, or `abandon` when it cannot.
    case mine
    /// Another worker has claimed it and not placed it yet.
    case pending
    case placed(SessionPlace)
}
