import Glibc

/// A date and a time of day, in whatever zone it was asked for.
public struct CalendarTime: Sendable, Equatable {
    public var year: Int
    public var month = 1
    public var day = 1
    public var hour = 0
    public var minute = 0
    public var second = 0

    public init(year: Int) { self.year = year }

    /// Whole seconds since 1970 at a moment in nanoseconds, rounded down.
    public static func seconds(nanoseconds: Int64) -> Int {
        let (seconds, rest) = Int(nanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest < 0 ? seconds - 1 : seconds
    }

    /// What clocks on this machine show at a moment, in seconds since 1970.
    public static func local(seconds: Int) -> CalendarTime {
        var moment = time_t(seconds)
        var fields = tm()
        localtime_r(&moment, &fields)
        var time = CalendarTime(year: Int(fields.tm_year) + 1900)
        time.month = Int(fields.tm_mon) + 1
        time.day = Int(fields.tm_mday)
        time.hour = Int(fields.tm_hour)
        time.minute = Int(fields.tm_min)
        time.second = Int(fields.tm_sec)
        return time
    }

    /// Seconds east of Greenwich that clocks on this machine show at a moment, in seconds since 1970.
    public static func secondsEast(at seconds: Int) -> Int {
        var moment = time_t(seconds)
        var fields = tm()
        localtime_r(&moment, &fields)
        return fields.tm_gmtoff
    }

    /// Seconds since 1970; nil for a date or a time of day that no calendar has. `zone` is in seconds
    /// east of Greenwich, nil for the local one, in which a time that a clock skips is one later.
    public func seconds(zone: Int?) -> Int? {
        guard (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second),
            let year = Int32(exactly: year - 1900), (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        var fields = tm()
        fields.tm_year = year
        fields.tm_mon = Int32(month - 1)
        fields.tm_mday = Int32(day)
        fields.tm_hour = Int32(hour)
        fields.tm_min = Int32(minute)
        fields.tm_sec = Int32(second)
        fields.tm_isdst = -1
        var checked = fields
        let utc = timegm(&checked)
        // 30 February comes back as a day of March.
        guard checked.tm_mday == fields.tm_mday, checked.tm_mon == fields.tm_mon else { return nil }
        if let zone { return utc - zone }
        return mktime(&fields)
    }
}
