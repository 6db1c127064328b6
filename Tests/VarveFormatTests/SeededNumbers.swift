import VarveFormat

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededNumbers: RandomNumberGenerator {
    private var place: UInt64

    init(_ seed: UInt64) { place = seed }

    mutating func next() -> UInt64 {
        place &+= 0x9e37_79b9_7f4a_7c15
        var mixed = place
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// A number of any length, as small ones matter as much as large ones.
    mutating func word() -> UInt64 { next() >> UInt64(number(0...63)) }

    mutating func count() -> Int { Int(word() >> 1) }

    mutating func time() -> Int64 { Int64(truncatingIfNeeded: next()) >> Int64(number(0...40)) }

    mutating func flag() -> Bool { next() & 1 == 0 }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func id<Kind>() -> Identifier<Kind> {
        var bytes: [UInt8] = bytes(32)
        return bytes.withUnsafeMutableBytes { Identifier(at: UnsafeRawPointer($0.baseAddress!)) }
    }

    mutating func text() -> String {
        let scalars = Array("abcXYZ019 _-/\"\\\n\u{7}éß漢🌊".unicodeScalars)
        var text = ""
        for _ in 0..<number(0...12) {
            text.unicodeScalars.append(scalars[number(0...scalars.count - 1)])
        }
        return text
    }

    mutating func list<Item>(
        _ range: ClosedRange<Int> = 0...4, _ item: (inout SeededNumbers) -> Item
    ) -> [Item] {
        let count = number(range)
        return (0..<count).map { _ in item(&self) }
    }

    mutating func ids<Kind>() -> [Identifier<Kind>] { list { $0.id() } }

    mutating func element<Item>(_ items: [Item]) -> Item { items[number(0...items.count - 1)] }
}
