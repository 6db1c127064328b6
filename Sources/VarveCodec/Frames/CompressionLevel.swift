/// How hard full frames are compressed.
public enum CompressionLevel: Sendable, Equatable {
    /// A zstd level; data that looks incompressible is stored as it is.
    case zstd(Int)
    case off

    public static let standard = CompressionLevel.zstd(3)
    public static let range = 1...19
}
