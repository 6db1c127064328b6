/// Sizes as people write them: `500`, `64K`, `64KiB`, `1.5G`; units are powers of 1024.
public enum SizeText {
    /// Nil when the text is no size, or one that no machine could hold.
    public static func bytes(_ text: String) -> Int? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let value = Double(number), number.first?.isNumber == true else { return nil }
        let units = ["": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5]
        var unit = text.dropFirst(number.count).lowercased()
        if unit.count > 1, unit.hasSuffix("ib") { unit.removeLast(2) }
        if unit.count > 1, unit.hasSuffix("b") { unit.removeLast() }
        guard let power = units[unit] else { return nil }
        let bytes = value * Double(1 << (10 * power))
        return Int(exactly: bytes.rounded())
    }
}
