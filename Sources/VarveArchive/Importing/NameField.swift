import VarveSystem

/// A field of a time in a name, by its letter in `strptime`.
enum NameField: UInt8, Sendable {
    case year = 0x59  // Y
    case yearOfCentury = 0x79  // y
    case month = 0x6d  // m
    case monthName = 0x62  // b
    case day = 0x64  // d
    case dayOfYear = 0x6a  // j
    case hour = 0x48  // H
    case hourOfHalf = 0x49  // I
    case half = 0x70  // p
    case minute = 0x4d  // M
    case second = 0x53  // S
    case fraction = 0x66  // f
    case epoch = 0x73  // s
    case zone = 0x7a  // z

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// The value that `rest` begins with, taken off it; nil when it begins otherwise.
    func take(from rest: inout ArraySlice<UInt8>) -> Int? {
        switch self {
        case .year: Self.digits(4...4, 0...9999, &rest)
        case .yearOfCentury: Self.digits(2...2, 0...99, &rest)
        case .month: Self.digits(2...2, 1...12, &rest)
        case .monthName: Self.word(of: Self.months, &rest).map { $0 + 1 }
        case .day: Self.digits(2...2, 1...31, &rest)
        case .dayOfYear: Self.digits(3...3, 1...366, &rest)
        case .hour: Self.digits(2...2, 0...23, &rest)
        case .hourOfHalf: Self.digits(2...2, 1...12, &rest)
        case .half: Self.word(of: ["am", "pm"], &rest)
        case .minute, .second: Self.digits(2...2, 0...59, &rest)
        case .fraction: Self.fraction(&rest)
        case .epoch: Self.digits(1...10, 0...9_223_372_035, &rest)
        case .zone: Self.zone(&rest)
        }
    }

    /// As many digits as there are, within both bounds.
    private static func digits(
        _ counts: ClosedRange<Int>, _ values: ClosedRange<Int>, _ rest: inout ArraySlice<UInt8>
    ) -> Int? {
        let digits = rest.prefix(counts.upperBound).prefix { (0x30...0x39).contains($0) }
        let value = digits.reduce(0) { $0 * 10 + Int($1 & 15) }
        guard digits.count >= counts.lowerBound, values.contains(value) else { return nil }
        rest = rest.dropFirst(digits.count)
        return value
    }

    /// Up to nine digits of a second, in nanoseconds.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int? {
        let before = rest.count
        guard var value = digits(1...9, 0...999_999_999, &rest) else { return nil }
        for _ in before - rest.count..<9 { value *= 10 }
        return value
    }

    private static func word(of words: [String], _ rest: inout ArraySlice<UInt8>) -> Int? {
        let found = words.firstIndex { word in
            rest.prefix(word.utf8.count).map { $0 | 0x20 } == Array(word.utf8)
        }
        if let found { rest = rest.dropFirst(words[found].utf8.count) }
        return found
    }

    /// `Z`, `+0100` or `+01:00`, in seconds east of Greenwich.
    private static func zone(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard let first = rest.popFirst() else { return nil }
        switch first {
        case UInt8(ascii: "Z"): return 0
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard let hours = digits(2...2, 0...23, &rest) else { return nil }
            if rest.first == UInt8(ascii: ":") { rest.removeFirst() }
            guard let minutes = digits(2...2, 0...59, &rest) else { return nil }
            return (first == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
        default: return nil
        }
    }
}

/// A moment as a name says it.
public struct NamedTime: Sendable, Equatable {
    enum Base: Sendable, Equatable {
        /// Seconds since 1970.
        case epoch(Int)
        /// In a zone, so many seconds east of Greenwich, or in the local one.
        case calendar(CalendarTime, zone: Int?)
    }

    var base: Base
    var fraction: Int

    /// From fields that were found in a name; what is missing is the first there is.
    init(_ fields: [NameField: Int]) {
        fraction = fields[.fraction] ?? 0
        if let seconds = fields[.epoch] {
            base = .epoch(seconds)
            return
        }
        let short = fields[.yearOfCentury].map { $0 < 69 ? 2000 + $0 : 1900 + $0 }
        var time = CalendarTime(year: fields[.year] ?? short ?? 1970)
        time.month = fields[.month] ?? fields[.monthName] ?? 1
        time.day = fields[.day] ?? 1
        if let day = fields[.dayOfYear] { time.setDay(ofYear: day) }
        // Twelve is the first hour of each half of the day.
        let halved = fields[.hourOfHalf].map { $0 % 12 + (fields[.half] ?? 0) * 12 }
        time.hour = fields[.hour] ?? halved ?? 0
        time.minute = fields[.minute] ?? 0
        time.second = fields[.second] ?? 0
        base = .calendar(time, zone: fields[.zone])
    }

    /// Nanoseconds since 1970; nil for a date that no calendar has, or out of range.
    public var nanoseconds: Int64? {
        let seconds: Int? =
            switch base {
            case .epoch(let seconds): seconds
            case .calendar(let time, let zone): time.seconds(zone: zone)
            }
        guard let seconds else { return nil }
        return Int64(exactly: Int128(seconds) * 1_000_000_000 + Int128(fraction))
    }
}

extension CalendarTime {
    /// Sets month and day from the number of the day in its year, 1 and up.
    fileprivate mutating func setDay(ofYear number: Int) {
        let isLeap = year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
        var rest = number
        for (index, days) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            .enumerated()
        {
            (month, day) = (index + 1, rest)
            if rest <= days { return }
            rest -= days
        }
        // Day 366 of a common year: no calendar has it.
        day = 32
    }
}
