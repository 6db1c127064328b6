/// Where content-defined cuts may fall; lengths in bytes, all following from the average.
public struct ChunkerParameters: Sendable, Equatable {
    /// A power of two from 16 KiB to 4 MiB.
    public let average: Int

    public static let averageRange = 1 << 14...1 << 22

    /// Nil unless `average` is a power of two from 16 KiB to 4 MiB.
    public init?(average: Int) {
        guard Self.averageRange.contains(average), average & (average - 1) == 0 else { return nil }
        self.average = average
    }

    /// No chunk is shorter, except the last of a stream.
    public var min: Int { average / 4 }

    /// Below this length only strong positions cut, from it on loose ones do.
    public var normal: Int { average / 4 * 3 }

    /// No chunk is longer.
    public var max: Int { average * 4 }

    /// A position is strong when its hash lies below: its top log2(average) + 2 bits are zero.
    public var strongBound: UInt64 { 1 << UInt64(64 - (average.trailingZeroBitCount + 2)) }

    /// A position is loose when its hash lies below: its top log2(average) - 2 bits are zero.
    public var looseBound: UInt64 { 1 << UInt64(64 - (average.trailingZeroBitCount - 2)) }
}
