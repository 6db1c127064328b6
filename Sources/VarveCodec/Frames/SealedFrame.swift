public import VarveFormat

/// A frame that is ready to be appended to a pack.
public struct SealedFrame: @unchecked Sendable {
    // Unchecked: the bytes belong to the builder and stay until it builds the next frame.
    public let unit: UnsafeRawBufferPointer
    public let codec: FrameCodec
    public let chunks: [TableOfContents.Chunk]

    /// A frame that was sealed before; the bytes must stay while it is used.
    public init(
        unit: UnsafeRawBufferPointer, codec: FrameCodec, chunks: [TableOfContents.Chunk]
    ) {
        self.unit = unit
        self.codec = codec
        self.chunks = chunks
    }

    /// The last bytes, which authenticate the others.
    public var tag: [UInt8] { Array(unit.suffix(UnitHeader.tagBytes)) }
}
