/// What record 0 settles for as long as the repository lives.
public struct RepositoryParameters: Sendable, Equatable {
    public static let chunkBytesAverageRange = 16 << 10...4 << 20
    public static let frameBytesRange = 64 << 10...16 << 20
    public static let packBytesRange = 1 << 20...1 << 30

    /// The keyring in force at the start.
    public var keyringObject: KeyringObjectID
    public var keyring: KeyringID
    /// A power of two.
    public var chunkBytesAverage: Int
    /// Plain bytes at which a frame is closed.
    public var frameBytes: Int
    /// Stored bytes at which a pack is closed.
    public var packBytes: Int
    /// How long condemned objects stay.
    public var gracePeriodSeconds: Int

    public init(
        keyringObject: KeyringObjectID, keyring: KeyringID, chunkBytesAverage: Int,
        frameBytes: Int, packBytes: Int, gracePeriodSeconds: Int
    ) {
        self.keyringObject = keyringObject
        self.keyring = keyring
        self.chunkBytesAverage = chunkBytesAverage
        self.frameBytes = frameBytes
        self.packBytes = packBytes
        self.gracePeriodSeconds = gracePeriodSeconds
    }

    /// Whether every number is within its bounds.
    public var isValid: Bool {
        Self.chunkBytesAverageRange.contains(chunkBytesAverage)
            && chunkBytesAverage.nonzeroBitCount == 1
            && Self.frameBytesRange.contains(frameBytes)
            && Self.packBytesRange.contains(packBytes)
            && (0...FormatLimit.gracePeriodSeconds).contains(gracePeriodSeconds)
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(keyringObject)
        writer.write(raw: keyring.bytes)
        writer.write(UInt32(chunkBytesAverage))
        writer.write(UInt32(frameBytes))
        writer.write(UInt32(packBytes))
        writer.write(UInt64(gracePeriodSeconds))
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        keyringObject = try reader.identifier()
        keyring = try KeyringID(&reader)
        chunkBytesAverage = Int(try reader.integer(UInt32.self))
        frameBytes = Int(try reader.integer(UInt32.self))
        packBytes = Int(try reader.integer(UInt32.self))
        gracePeriodSeconds = Int(clamping: try reader.integer(UInt64.self))
        guard isValid else { throw .invalid("a parameter of the repository is out of bounds") }
    }
}
