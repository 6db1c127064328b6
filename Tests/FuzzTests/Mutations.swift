import TestSupport
import VarveFormat

/// A way to spoil bytes that were valid.
enum Mutation: CaseIterable {
    case flip, exchange, cut, remove, insert, repeated, splice
    case zeros, ones, noise
    case varint, short, word, longWord, neighbour, token
}

extension SeededNumbers {
    /// No input is longer.
    private static let bytesMax = 64 << 10
    /// The numbers at which counts and lengths go wrong.
    private static let extremes: [UInt64] = [
        0, 1, 2, 127, 128, 255, 256, 4_095, 4_096, 65_535, 65_536, 1 << 24, 1 << 31 - 1, 1 << 31,
        1 << 32 - 1, 1 << 32, 1 << 60, 1 << 60 + 1, 1 << 63 - 1, 1 << 63, .max - 1, .max,
    ]
    /// What stands where JSON, or a line of text, has something else.
    private static let tokens = [
        "null", "true", "[]", "{}", "\"\"", "0", "-0", "-1", "1.5", "1e400", "-1e-400", "1e19",
        "9223372036854775807", "9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "18446744073709551616", "\"\\ud800\"", "\"\\u0000\"", "\\", ",",
        ":", "\"", "\n", "\r\n", "#", "\u{feff}", "\u{2028}", "//", "NaN", "Infinity",
        "0000-00-00T00:00:00.000000000Z", "2262-04-11T23:47:16.854775808Z",
        String(repeating: "[", count: 600), String(repeating: "{\"a\":", count: 600),
    ]

    /// `bytes`, spoiled in one to four ways; parts of `other` may stand in it.
    mutating func mutated(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = bytes
        // What is spoiled in one way gets further than what is in four.
        for _ in 0..<element([1, 1, 1, 2, 3, 4]) {
            mutate(&bytes, element(Mutation.allCases), other)
        }
        return Array(bytes.prefix(Self.bytesMax))
    }

    private mutating func mutate(_ bytes: inout [UInt8], _ mutation: Mutation, _ other: [UInt8]) {
        switch mutation {
        case .flip:
            guard !bytes.isEmpty else { return }
            bytes[below(bytes.count)] ^= 1 << UInt8(below(8))
        case .exchange:
            guard !bytes.isEmpty else { return }
            bytes[below(bytes.count)] = UInt8(below(256))
        case .cut: bytes.removeLast(below(bytes.count + 1))
        case .remove: bytes.removeSubrange(part(of: bytes))
        case .insert: bytes.insert(contentsOf: self.bytes(below(9)), at: below(bytes.count + 1))
        case .repeated:
            let copy = bytes[part(of: bytes)]
            for _ in 0...below(4) { bytes.insert(contentsOf: copy, at: below(bytes.count + 1)) }
        case .splice:
            bytes.replaceSubrange(part(of: bytes), with: other[part(of: other)])
        case .zeros: fill(&bytes) { _ in 0 }
        case .ones: fill(&bytes) { _ in 0xff }
        case .noise: fill(&bytes) { UInt8($0.below(256)) }
        case .varint: exchangeVarint(&bytes)
        case .short: store(UInt16.self, &bytes)
        case .word: store(UInt32.self, &bytes)
        case .longWord: store(UInt64.self, &bytes)
        case .neighbour: moveToNeighbour(&bytes)
        case .token: exchangeToken(&bytes)
        }
    }

    /// Any part, short ones more often than long ones, and now and then all.
    private mutating func part(of bytes: [UInt8]) -> Range<Int> {
        guard below(16) > 0 else { return 0..<bytes.count }
        let start = below(bytes.count + 1)
        return start..<start + Int(word() % UInt64(bytes.count - start + 1))
    }

    private mutating func fill(
        _ bytes: inout [UInt8], _ byte: (inout SeededNumbers) -> UInt8
    ) {
        for index in part(of: bytes) { bytes[index] = byte(&self) }
    }

    private mutating func extreme() -> UInt64 {
        flag() ? element(Self.extremes) : element(Self.extremes) &+ UInt64(below(5)) &- 2
    }

    /// Puts an extreme number in place of the varint that stands, or seems to stand, somewhere.
    private mutating func exchangeVarint(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        var start = below(bytes.count)
        while start > 0, bytes[start - 1] & 0x80 != 0, flag() || flag() { start -= 1 }
        let end = bytes[start...].firstIndex { $0 & 0x80 == 0 } ?? bytes.count - 1
        let place = start...min(end, start + 9)
        var varint = written { $0.write(varint: extreme()) }
        switch below(8) {
        case 0:
            // Padded: the same number in a byte more.
            varint[varint.count - 1] |= 0x80
            varint.append(0)
        case 1...4:
            // The greatest or the least of its length, so that the lengths around it still hold.
            let isGreatest = flag()
            varint = [UInt8](repeating: isGreatest ? 0xff : 0x80, count: place.count)
            varint[place.count - 1] = isGreatest ? 0x7f : 1
        default: break
        }
        bytes.replaceSubrange(place, with: varint)
    }

    private mutating func store<Number: FixedWidthInteger>(
        _: Number.Type, _ bytes: inout [UInt8]
    ) {
        let size = MemoryLayout<Number>.size
        guard bytes.count >= size else { return }
        let start = below(bytes.count - size + 1)
        let number = written { $0.write(Number(truncatingIfNeeded: extreme())) }
        bytes.replaceSubrange(start..<start + size, with: number)
    }

    /// Adds one to a byte, or takes one from it.
    private mutating func moveToNeighbour(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        bytes[below(bytes.count)] &+= flag() ? 1 : 255
    }

    /// Puts a token in place of a number, or anywhere.
    private mutating func exchangeToken(_ bytes: inout [UInt8]) {
        let start = below(bytes.count + 1)
        let token = Array(element(Self.tokens).utf8)
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
        guard flag(), let digit = bytes[start...].firstIndex(where: isDigit) else {
            bytes.insert(contentsOf: token, at: start)
            return
        }
        let end = bytes[digit...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(digit..<end, with: token)
    }
}
