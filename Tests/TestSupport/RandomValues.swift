public import VarveFormat

/// Values of the format.
extension SeededNumbers {
    /// A number of any length, as small ones matter as much as large ones.
    public mutating func word() -> UInt64 { next() >> UInt64(number(0...63)) }

    public mutating func count() -> Int { Int(word() >> 1) }

    public mutating func time() -> Int64 {
        Int64(truncatingIfNeeded: next()) >> Int64(number(0...40))
    }

    public mutating func id<Kind>() -> Identifier<Kind> {
        var bytes: [UInt8] = bytes(32)
        return bytes.withUnsafeMutableBytes { Identifier(at: UnsafeRawPointer($0.baseAddress!)) }
    }

    public mutating func text() -> String {
        let scalars = Array("abcXYZ019 _-/\"\\\n\u{7}éß漢🌊".unicodeScalars)
        var text = ""
        for _ in 0..<number(0...12) {
            text.unicodeScalars.append(scalars[number(0...scalars.count - 1)])
        }
        return text
    }

    public mutating func list<Item>(
        _ range: ClosedRange<Int> = 0...4, _ item: (inout SeededNumbers) -> Item
    ) -> [Item] {
        let count = number(range)
        return (0..<count).map { _ in item(&self) }
    }

    public mutating func ids<Kind>() -> [Identifier<Kind>] { list { $0.id() } }
}
