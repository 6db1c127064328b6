import TestSupport
import Testing
import VarveFormat

struct TimestampTests {
    static let known: [(Int64, String)] = [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
        (951_868_800_000_000_000, "2000-03-01T00:00:00.000000000Z"),
        (1_709_251_199_123_456_789, "2024-02-29T23:59:59.123456789Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
        (4_107_456_000_000_000_000, "2100-02-28T00:00:00.000000000Z"),
        (-2_203_891_200_000_000_000, "1900-03-01T00:00:00.000000000Z"),
        (-14_182_940_000_000_000, "1969-07-20T20:17:40.000000000Z"),
        (1_000_000_000_000_000_000, "2001-09-09T01:46:40.000000000Z"),
        (.max, "2262-04-11T23:47:16.854775807Z"),
        (.min, "1677-09-21T00:12:43.145224192Z"),
    ]

    @Test("known times have their texts", arguments: known)
    func knownTimes(nanoseconds: Int64, text: String) {
        #expect(Timestamp.text(nanoseconds: nanoseconds) == text)
        #expect(Timestamp.nanoseconds(text) == nanoseconds)
    }

    @Test("any time comes back from its text")
    func roundTrip() {
        var numbers = SeededNumbers(8)
        for _ in 0..<2_000 {
            let time = numbers.time()
            #expect(Timestamp.nanoseconds(Timestamp.text(nanoseconds: time)) == time)
        }
    }

    @Test("each day follows the one before")
    func days() {
        let day = 86_400_000_000_000 as Int64
        var previous = ""
        for number in -100_000..<100_000 as Range<Int64> where abs(number) % 7 == 0 {
            let text = Timestamp.text(nanoseconds: number * day)
            #expect(previous < text)
            #expect(Timestamp.nanoseconds(text) == number * day)
            previous = text
        }
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "1970-01-01", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000000",
            "1970-13-01T00:00:00.000000000Z", "1970-00-01T00:00:00.000000000Z",
            "1970-01-00T00:00:00.000000000Z", "1970-01-32T00:00:00.000000000Z",
            "2023-02-29T00:00:00.000000000Z", "1900-02-29T00:00:00.000000000Z",
            "2024-04-31T00:00:00.000000000Z", "1970-01-01T24:00:00.000000000Z",
            "1970-01-01T00:60:00.000000000Z", "1970-01-01T00:00:60.000000000Z",
            "1970-01-01 00:00:00.000000000Z", "1970-01-01T00:00:00,000000000Z",
            "2262-04-11T23:47:16.854775808Z", "1677-09-21T00:12:43.145224191Z",
            "0000-01-01T00:00:00.000000000Z", "9999-12-31T23:59:59.999999999Z",
            "-970-01-01T00:00:00.000000000Z", "1970-01-01T00:00:00.0000000é",
        ])
    func refused(text: String) {
        #expect(Timestamp.nanoseconds(text) == nil)
    }
}
