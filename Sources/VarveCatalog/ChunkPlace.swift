public import VarveFormat

/// Where one copy of a chunk lies.
public struct ChunkPlace: Sendable, Equatable {
    /// The pack's ordinal in the open catalog; `Catalog.packID` names it.
    public var pack: UInt32
    /// Where the sealed frame starts in the pack, in bytes.
    public var frameOffset: UInt32
    /// How long the sealed frame is, in bytes.
    public var frameBytes: UInt32
    /// The chunk's position in the frame's directory.
    public var position: UInt16
    public var isDelta: Bool
    /// The chunk's plain length, in bytes.
    public var rawBytes: UInt32
    /// What kind of pack it is.
    public var contents: PackContents
    /// Of a delta the start of its base's id, as `Identifier.prefix` gives it; else 0.
    public var base: UInt64

    public init(
        pack: UInt32 = 0, frameOffset: UInt32, frameBytes: UInt32, position: UInt16, isDelta: Bool,
        rawBytes: UInt32, contents: PackContents = .data, base: UInt64 = 0
    ) {
        self.pack = pack
        self.frameOffset = frameOffset
        self.frameBytes = frameBytes
        self.position = position
        self.isDelta = isDelta
        self.rawBytes = rawBytes
        self.contents = contents
        self.base = base
    }
}

/// What an index segment says about one chunk of a pack.
public struct CatalogChunk: Sendable {
    public var id: ChunkID
    /// Its `pack` is not looked at: the chunk lies in the pack it is given with.
    public var place: ChunkPlace
    /// Nil for a chunk too small to have any.
    public var features: SuperFeatures?
    /// The full chunk that a delta is a difference from, nil for a full chunk.
    public var base: ChunkID?

    public init(
        id: ChunkID, place: ChunkPlace, features: SuperFeatures? = nil, base: ChunkID? = nil
    ) {
        self.id = id
        self.place = place
        self.features = features
        self.base = base
    }
}

/// A full chunk that another one resembles.
public struct CatalogCandidate: Sendable, Equatable {
    public var id: ChunkID
    public var place: ChunkPlace
}
