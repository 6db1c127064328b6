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
}
