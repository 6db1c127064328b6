import Glibc
import VarveSystem

/// A moment as people write it: ISO 8601, local unless it has a zone.
///
/// `2026-11-21`, `2026-11-21T10:02`, `2026-11-21 10:02:11.5+01:00`. What is not written is all of it:
/// a date alone lasts from its first nanosecond to its last.
struct TimeText: Equatable {
    /// Nanoseconds since 1970, both included.
    var first: Int64
    var last: Int64
    var isDateOnly: Bool

    /// The moment for a thing that has one: the end of a date, the start of anything finer.
    var moment: Int64 { isDateOnly ? last : first }

    init?(_ text: String) {
        var scanner = Scanner(text)
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2),
            scanner.skip("-"), let day = scanner.digits(2)
        else { return nil }
        let date = (year, month, day)
        if scanner.isAtEnd {
            guard let first = Self.seconds(date, (0, 0, 0), zone: nil),
                let next = Self.secondsOfNextDay(date)
            else { return nil }
            self.init(first, 0, lasting: (next - first) * Self.second, isDateOnly: true)
            return
        }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.digits(2), scanner.skip(":"), let minute = scanner.digits(2)
        else { return nil }
        var (second, fraction, lasting) = (0, 0, 60 * Self.second)
        if scanner.skip(":") {
            guard let digits = scanner.digits(2) else { return nil }
            (second, lasting) = (digits, Self.second)
            if scanner.skip(".") || scanner.skip(",") {
                guard let (value, scale) = scanner.fraction() else { return nil }
                (fraction, lasting) = (value, scale)
            }
        }
        guard let zone = scanner.zone(),
            let start = Self.seconds(date, (hour, minute, second), zone: zone)
        else { return nil }
        self.init(start, fraction, lasting: lasting, isDateOnly: false)
    }

    private init?(_ seconds: Int, _ fraction: Int, lasting: Int, isDateOnly: Bool) {
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: Self.second)
        let (first, tooMuch) = whole.addingReportingOverflow(fraction)
        let (last, tooLate) = first.addingReportingOverflow(lasting - 1)
        guard !overflow, !tooMuch, !tooLate else { return nil }
        self.first = Int64(first)
        self.last = Int64(last)
        self.isDateOnly = isDateOnly
    }

    private static let second = 1_000_000_000

    private typealias Fields = (Int, Int, Int)

    /// Seconds since 1970; nil for a date or time that no calendar has. `zone` is in seconds east of
    /// Greenwich, nil for the local one.
    private static func seconds(_ date: Fields, _ time: Fields, zone: Int??) -> Int? {
        var calendar = CalendarTime(year: date.0)
        (calendar.month, calendar.day) = (date.1, date.2)
        (calendar.hour, calendar.minute, calendar.second) = time
        return calendar.seconds(zone: zone ?? nil)
    }

    private static func secondsOfNextDay(_ date: Fields) -> Int? {
        var fields = tm()
        fields.tm_year = Int32(date.0 - 1900)
        fields.tm_mon = Int32(date.1 - 1)
        fields.tm_mday = Int32(date.2 + 1)
        fields.tm_isdst = -1
        return mktime(&fields)
    }

    /// Whether the text is written well, and only its year is one that nanoseconds do not reach.
    static func isBeyond(_ text: String) -> Bool {
        var scanner = Scanner(text)
        guard TimeText(text) == nil, let year = scanner.digits(4) else { return false }
        let isLeap =
            year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        return TimeText((isLeap ? "2000" : "2001") + text.dropFirst(4)) != nil
    }

    /// Local time as listings show it: `2026-11-21 10:02:11`.
    static func local(_ nanoseconds: Int64) -> String {
        let time = CalendarTime.local(seconds: CalendarTime.seconds(nanoseconds: nanoseconds))
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(time.year)-\(two(time.month))-\(two(time.day)) "
            + "\(two(time.hour)):\(two(time.minute)):\(two(time.second))"
    }
}

/// Reads a text from its front.
private struct Scanner {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    /// Exactly `count` digits.
    mutating func digits(_ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return nil
        }
        rest = rest.dropFirst(count)
        return Int(digits)
    }

    /// One to nine digits behind a point: their nanoseconds, and those that the last one is worth.
    mutating func fraction() -> (value: Int, scale: Int)? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(digits.count), let value = Int(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        let scale = (digits.count..<9).reduce(1) { scale, _ in scale * 10 }
        return (value * scale, scale)
    }

    /// What stands at the end: `.some(nil)` for nothing, nil for what is no zone.
    mutating func zone() -> Int?? {
        if isAtEnd { return .some(nil) }
        if skip("Z") || skip("z") { return isAtEnd ? .some(0) : nil }
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = digits(2), hours < 24 else { return nil }
        if isAtEnd { return .some(sign * hours * 3600) }
        _ = skip(":")
        guard let minutes = digits(2), minutes < 60, isAtEnd else { return nil }
        return .some(sign * (hours * 3600 + minutes * 60))
    }
}
