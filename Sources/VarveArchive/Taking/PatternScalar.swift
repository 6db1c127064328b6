/// Characters of names as patterns see them: Unicode scalars, and each byte that is not UTF-8 as a
/// number of its own.
enum PatternScalar {
    /// A byte that is no UTF-8 is this plus the byte; no scalar has such a number.
    private static let strayBase: UInt32 = 0xDC00

    /// The character that begins at `place`, and its length in bytes.
    static func decode(_ bytes: Span<UInt8>, at place: Int) -> (scalar: UInt32, length: Int) {
        let first = UInt32(bytes[place])
        let stray = (scalar: strayBase + first, length: 1)
        let (length, lowest): (Int, UInt32)
        switch first {
        case ..<0x80: return (first, 1)
        case 0xC2...0xDF: (length, lowest) = (2, 0x80)
        case 0xE0...0xEF: (length, lowest) = (3, 0x800)
        case 0xF0...0xF4: (length, lowest) = (4, 0x10000)
        default: return stray
        }
        guard place + length <= bytes.count else { return stray }
        var scalar = first & (0xFF >> UInt32(length + 1))
        for next in (place + 1)..<(place + length) {
            guard bytes[next] & 0xC0 == 0x80 else { return stray }
            scalar = scalar << 6 | UInt32(bytes[next] & 0x3F)
        }
        guard scalar >= lowest, Unicode.Scalar(scalar) != nil else { return stray }
        return (scalar, length)
    }

    /// The bytes that `decode` made the character of.
    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        if let valid = Unicode.Scalar(scalar) {
            bytes += UTF8.encode(valid) ?? UTF8.encodedReplacementCharacter
        } else {
            bytes.append(UInt8(truncatingIfNeeded: scalar - strayBase))
        }
    }

    /// The character in lower case, as long as that is one character.
    static func folded(_ scalar: UInt32) -> UInt32 {
        if scalar < 0x80 {
            let isUpper = (0x41...0x5A).contains(scalar)
            return isUpper ? scalar + 0x20 : scalar
        }
        guard let valid = Unicode.Scalar(scalar) else { return scalar }
        return valid.properties.lowercaseMapping.unicodeScalars.first?.value ?? scalar
    }
}
