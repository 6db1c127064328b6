/// Words and paths that need not be UTF-8, carried through what takes text only: a parser, an event.
///
/// A byte that is not UTF-8 becomes a character from the end of the last private-use plane; those
/// characters themselves go byte by byte as well, so that no two words become the same.
public enum RawText {
    private static let base: UInt32 = 0x10FF00

    /// The text for these bytes; the same text when they are UTF-8.
    public static func text(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !hasCarriers(text) {
            return text
        }
        var scalars = String.UnicodeScalarView()
        var rest = bytes[...]
        while let first = rest.first {
            let length = [4, 3, 2, 1].first { length in
                guard length <= rest.count else { return false }
                let part = String(validating: rest.prefix(length), as: UTF8.self)
                return part?.unicodeScalars.count == 1 && part?.contains(where: isCarrier) == false
            }
            if let length, let part = String(validating: rest.prefix(length), as: UTF8.self) {
                scalars.append(contentsOf: part.unicodeScalars)
                rest = rest.dropFirst(length)
            } else {
                if let carrier = Unicode.Scalar(base + UInt32(first)) { scalars.append(carrier) }
                rest = rest.dropFirst()
            }
        }
        return String(scalars)
    }

    /// The bytes that `text` made a text of.
    public static func bytes(_ text: String) -> [UInt8] {
        guard hasCarriers(text) else { return Array(text.utf8) }
        return text.unicodeScalars.flatMap { scalar in
            (base...(base + 0xff)).contains(scalar.value)
                ? [UInt8(scalar.value - base)] : Array(String(scalar).utf8)
        }
    }

    private static func hasCarriers(_ text: String) -> Bool {
        // Nearly no text has a character of that plane, and its first byte is found quickly.
        text.utf8.contains(0xf4) && text.contains(where: isCarrier)
    }

    private static func isCarrier(_ character: Character) -> Bool {
        character.unicodeScalars.contains { (base...(base + 0xff)).contains($0.value) }
    }
}
