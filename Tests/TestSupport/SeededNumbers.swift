/// SplitMix64: the same numbers for the same seed on every machine.
public struct SeededNumbers: RandomNumberGenerator, Sendable {
    public let seed: UInt64
    private var place: UInt64

    public init(_ seed: UInt64) {
        self.seed = seed
        place = seed
    }

    /// With the seed of this run.
    public static func fresh() -> SeededNumbers { SeededNumbers(TestRun.seed()) }

    public mutating func next() -> UInt64 {
        place &+= 0x9e37_79b9_7f4a_7c15
        var mixed = place
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    public mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    /// A number from 0 on, less than `limit`.
    public mutating func below(_ limit: Int) -> Int { number(0...limit - 1) }

    public mutating func flag() -> Bool { next() & 1 == 0 }

    public mutating func element<Item>(_ items: [Item]) -> Item { items[below(items.count)] }

    public mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { buffer in
            for offset in stride(from: 0, to: count - 7, by: 8) {
                buffer.storeBytes(of: next().littleEndian, toByteOffset: offset, as: UInt64.self)
            }
            for offset in count & ~7..<count { buffer[offset] = UInt8(truncatingIfNeeded: next()) }
        }
        return bytes
    }
}
