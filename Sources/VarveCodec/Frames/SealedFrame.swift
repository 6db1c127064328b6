public import VarveFormat

/// A frame that is ready to be appended to a pack.
public struct SealedFrame: @unchecked Sendable {
    // Unchecked: the bytes belong to the builder and stay until it builds the next frame.
    public let unit: UnsafeRawBufferPointer
    public let codec: FrameCodec
    public let chunks: [TableOfContents.Chunk]

    /// The last bytes, which authenticate the others.
    public var tag: [UInt8] { Array(unit.suffix(UnitHeader.tagBytes)) }
}
