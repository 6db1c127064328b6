/// ISO 8601 text of a time in UTC with nanoseconds, such as `2025-01-31T07:05:09.000000001Z`.
public enum Timestamp {
    private static let secondsPerDay = 86_400
    private static let nanosecondsPerSecond = 1_000_000_000
    private static let pattern = Array("dddd-dd-ddTdd:dd:dd.dddddddddZ".utf8)

    /// The text of `nanoseconds` since 1970: any Int64, so the years 1677 to 2262.
    public static func text(nanoseconds: Int64) -> String {
        let (seconds, fraction) = floored(Int(nanoseconds), by: nanosecondsPerSecond)
        let (days, second) = floored(seconds, by: secondsPerDay)
        let (year, month, day) = date(ofDay: days)
        let (hour, minute) = (second / 3600, second / 60 % 60)
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
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
        let (year, month, day) = (fields[0], fields[1], fields[2])
        let (hour, minute, second) = (fields[3], fields[4], fields[5])
        guard (1...12).contains(month), hour < 24, minute < 60, second < 60 else { return nil }
        let days = self.day(year, month, day)
        // A day that its month does not have comes back as one of the next month.
        guard date(ofDay: days) == (year, month, day) else { return nil }
        let seconds = days * secondsPerDay + hour * 3600 + minute * 60 + second
        return Int64(exactly: Int128(seconds) * Int128(nanosecondsPerSecond) + Int128(fields[6]))
    }

    /// Days since 1970 of a date in the proleptic Gregorian calendar.
    ///
    /// Years are counted from March, so that the leap day ends one, in eras of 400 years.
    private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let (era, yearOfEra) = floored(month > 2 ? year : year - 1, by: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * daysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - daysBefore1970
    }

    private static func date(ofDay days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, day) = floored(days + daysBefore1970, by: daysPerEra)
        // Each term takes out the leap days that came before: every 4, 100 and 400 years.
        let yearOfEra = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = (monthFromMarch + 2) % 12 + 1
        let year = era * 400 + yearOfEra + (month > 2 ? 0 : 1)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static let daysPerEra = 146_097
    /// From 1 March of the year 0 to 1 January 1970.
    private static let daysBefore1970 = 719_468

    private static func floored(_ value: Int, by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func digits(_ value: Int, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
