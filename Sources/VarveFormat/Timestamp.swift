/// ISO 8601 text of a time in UTC with nanoseconds, such as `2025-01-31T07:05:09.000000001Z`.
public enum Timestamp {
    private static let secondsPerDay = 86_400
    private static let nanosecondsPerSecond = 1_000_000_000
    private static let pattern = Array("dddd-dd-ddTdd:dd:dd.dddddddddZ".utf8)

    /// The text of `nanoseconds` since 1970: any Int64, so the years 1677 to 2262.
    public static func text(nanoseconds: Int64) -> String {
        let (seconds, fraction) = Int(nanoseconds).floored(by: nanosecondsPerSecond)
        let (days, second) = seconds.floored(by: secondsPerDay)
        let date = CivilDate(day: days)
        let (hour, minute) = (second / 3600, second / 60 % 60)
        return "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))"
            + "T\(digits(hour, 2)):\(digits(minute, 2)):\(digits(second % 60, 2))"
            + ".\(digits(fraction, 9))Z"
    }

    /// Nanoseconds since 1970, or nil unless `text` is as `text(nanoseconds:)` writes it.
    public static func nanoseconds(_ text: String) -> Int64? {
        let characters = Array(text.utf8)
        guard characters.count == pattern.count else { return nil }
        var fields: [Int] = []
        var isInField = false
        for (character, expected) in zip(characters, pattern) {
            guard expected == UInt8(ascii: "d") else {
                guard character == expected else { return nil }
                isInField = false
                continue
            }
            guard (0x30...0x39).contains(character) else { return nil }
            if !isInField { fields.append(0) }
            isInField = true
            fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int(character & 15)
        }
        return nanoseconds(fields)
    }

    private static func nanoseconds(_ fields: [Int]) -> Int64? {
        let date = CivilDate(year: fields[0], month: fields[1], day: fields[2])
        let (hour, minute, second) = (fields[3], fields[4], fields[5])
        guard (1...12).contains(date.month), hour < 24, minute < 60, second < 60 else { return nil }
        let days = date.daysSince1970
        // A day that its month does not have comes back as one of the next month.
        guard CivilDate(day: days) == date else { return nil }
        let seconds = days * secondsPerDay + hour * 3600 + minute * 60 + second
        return Int64(exactly: Int128(seconds) * Int128(nanosecondsPerSecond) + Int128(fields[6]))
    }

    private static func digits(_ value: Int, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
