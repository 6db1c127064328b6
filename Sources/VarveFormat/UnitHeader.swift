/// What a sealed unit holds; a unit of one kind never opens as another.
public enum UnitKind: UInt8, Sendable, CaseIterable {
    case dataFrame = 1
    case metadataFrame
    case tableOfContents
    case segment
    case manifest
    case record
    case state
    case keyring

    /// The most bytes a body may have.
    public var bodyLimit: Int {
        switch self {
        case .dataFrame, .metadataFrame: 40 << 20
        case .tableOfContents: 32 << 20
        case .segment: 33 << 20
        case .manifest: 16 << 20
        case .record: 257 << 10
        case .state: 256 << 20
        case .keyring: 1 << 20
        }
    }
}

/// The clear header that every sealed unit starts with.
public struct UnitHeader: Sendable, Equatable {
    public static let byteCount = 64
    public static let tagBytes = 16
    public static let saltBytes = 32
    /// Bytes that sealing adds to a body.
    public static let overhead = byteCount + tagBytes
    static let magic: [UInt8] = Array("VARV".utf8)

    public var kind: UnitKind
    public var bodyBytes: Int
    public var epoch: EpochID
    public var salt: [UInt8]

    public init(kind: UnitKind, bodyBytes: Int, epoch: EpochID, salt: [UInt8]) {
        self.kind = kind
        self.bodyBytes = bodyBytes
        self.epoch = epoch
        self.salt = salt
    }

    public var encoded: [UInt8] {
        var writer = ByteWriter(reserving: Self.byteCount)
        writer.write(raw: Self.magic)
        writer.write(UInt8(1))
        writer.write(kind.rawValue)
        writer.write(UInt16(0))
        writer.write(UInt32(bodyBytes))
        writer.write(UInt32(0))
        writer.write(raw: epoch.bytes)
        writer.write(raw: salt)
        return writer.bytes
    }

    /// Decodes the first 64 bytes of `bytes`.
    public init(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        var reader = ByteReader(bytes)
        guard try reader.raw(4) == Self.magic else { throw .invalid("it is not a sealed unit") }
        guard try reader.byte() == 1 else { throw .invalid("its format version is unknown") }
        guard let kind = UnitKind(rawValue: try reader.byte()) else {
            throw .invalid("its kind is unknown")
        }
        try reader.zero(UInt16.self)
        bodyBytes = Int(try reader.integer(UInt32.self))
        guard bodyBytes <= kind.bodyLimit else { throw .invalid("its length is above the limit") }
        try reader.zero(UInt32.self)
        self.kind = kind
        epoch = try EpochID(&reader)
        salt = try reader.raw(Self.saltBytes)
    }

    /// Decodes the header that `unit` starts with.
    public init(startOf unit: [UInt8]) throws(FormatError) {
        self = try unit.span.withUnsafeBytes { bytes throws(FormatError) in
            try UnitHeader(bytes)
        }
    }
}
