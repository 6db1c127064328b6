import TestSupport
import Testing
import VarveFormat

struct StoredValueTests {
    @Test("a decoded encoding is the value", arguments: StoredValue.all)
    func roundTrip(_ value: StoredValue) throws {
        for seed in 0..<40 as Range<UInt64> {
            var numbers = SeededNumbers(seed)
            #expect(try value.sample(&numbers).decodesToItself, "seed \(seed)")
        }
    }

    @Test("an encoding that ends too early is refused", arguments: StoredValue.all)
    func truncation(_ value: StoredValue) throws {
        for seed in 100..<103 as Range<UInt64> {
            var numbers = SeededNumbers(seed)
            let bytes = try value.sample(&numbers).bytes
            for count in 0..<bytes.count where isWorthCutting(at: count, of: bytes.count) {
                #expect(throws: FormatError.self, "seed \(seed), \(count) bytes") {
                    try value.reencoded(Array(bytes[..<count]))
                }
            }
        }
    }

    /// All places of a short encoding, and some of a long one.
    private func isWorthCutting(at count: Int, of all: Int) -> Bool {
        all < 400 || count < 100 || count > all - 100 || count.isMultiple(of: 13)
    }

    @Test("one wrong bit is refused, or is another value", arguments: StoredValue.all)
    func mutation(_ value: StoredValue) throws {
        for seed in 200..<206 as Range<UInt64> {
            var numbers = SeededNumbers(seed)
            let bytes = try value.sample(&numbers).bytes
            for _ in 0..<60 {
                var wrong = bytes
                let position = numbers.number(0...bytes.count - 1)
                wrong[position] ^= 1 << UInt8(numbers.number(0...7))
                try expectRefusedOrWhole(value, wrong, "seed \(seed), byte \(position)")
            }
        }
    }

    @Test("random bytes are refused, or are a value", arguments: StoredValue.all)
    func noise(_ value: StoredValue) throws {
        var numbers = SeededNumbers(300)
        for _ in 0..<200 {
            var bytes = numbers.bytes(numbers.number(0...120))
            // Small numbers get further than large ones.
            for index in bytes.indices where numbers.flag() { bytes[index] &= 3 }
            try expectRefusedOrWhole(value, bytes, "\(bytes)")
        }
    }

    private func expectRefusedOrWhole(
        _ value: StoredValue, _ bytes: [UInt8], _ comment: Comment
    ) throws {
        do {
            let again = try value.reencoded(bytes)
            if value.isCanonical { #expect(again == bytes, comment) }
            #expect(try value.reencoded(again) == again, comment)
        } catch is FormatError {
        }
    }
}
