import Synchronization

/// Names of files that are not complete yet: `.varve-` and 16 digits, of which the last eight follow
/// from the first, so that what a killed run left behind is told from a user's file.
package enum TemporaryName {
    private static let prefix = Array(".varve-".utf8)
    private static let next = Atomic(UInt32.random(in: 0...UInt32.max))

    /// One that this process has not used for four billion others.
    package static func make() -> [UInt8] {
        let number = next.wrappingAdd(1, ordering: .relaxed).newValue
        return prefix + digits(number) + digits(check(number))
    }

    /// Whether a name was made by `make`, by whichever process.
    static func isOne(_ name: [UInt8]) -> Bool {
        guard name.count == prefix.count + 16, name.starts(with: prefix) else { return false }
        var number: UInt32 = 0
        for digit in name[prefix.count..<prefix.count + 8] {
            guard let value = digitValues.firstIndex(of: digit) else { return false }
            number = number << 4 | UInt32(value)
        }
        return name.suffix(8).elementsEqual(digits(check(number)))
    }

    private static let digitValues = Array("0123456789abcdef".utf8)

    private static func digits(_ number: UInt32) -> [UInt8] {
        (0..<8).map { digitValues[Int(number >> (28 - 4 * $0) & 15)] }
    }

    /// The finalizer of MurmurHash3 (Austin Appleby), of a number that is ours.
    private static func check(_ number: UInt32) -> UInt32 {
        var mixed = number ^ 0x7661_7276
        mixed = (mixed ^ mixed >> 16) &* 0x85eb_ca6b
        mixed = (mixed ^ mixed >> 13) &* 0xc2b2_ae35
        return mixed ^ mixed >> 16
    }
}
