import VarveFormat

/// The hours, days, ISO weeks, months and years of one time zone.
public struct RetentionCalendar: Sendable {
    public enum Period: String, Sendable, CaseIterable {
        case hourly, daily, weekly, monthly, yearly
    }

    /// Seconds east of Greenwich that clocks show at a moment, in seconds since 1970.
    private let secondsEast: @Sendable (Int) -> Int

    public init(secondsEast: @escaping @Sendable (_ seconds: Int) -> Int) {
        self.secondsEast = secondsEast
    }

    private static let hour = 3600
    private static let day = 86_400
    private static let second = 1_000_000_000

    /// A number that is equal for moments of the same hour, day, week, month or year, and for no
    /// others.
    ///
    /// An hour that clocks show twice, because they are put back, is two.
    func number(of period: Period, at nanoseconds: Int64) -> Int {
        let seconds = Int(nanoseconds).floored(by: Self.second).quotient
        let local = seconds + secondsEast(seconds)
        let day = local.floored(by: Self.day).quotient
        switch period {
        case .hourly: return seconds - local.floored(by: Self.hour).remainder
        case .daily: return day
        // Day 0 was a Thursday, and weeks begin on Mondays.
        case .weekly: return (day + 3).floored(by: 7).quotient
        case .monthly:
            let date = CivilDate(day: day)
            return date.year * 12 + date.month - 1
        case .yearly: return CivilDate(day: day).year
        }
    }

    /// The moment that is so long before another one, by the calendar down to days, then by hours.
    ///
    /// A month before 31 March ends February: the last day of a month stands for those it has not.
    public func moment(_ age: RetentionAge, before nanoseconds: Int64) -> Int64 {
        let (seconds, fraction) = Int(nanoseconds).floored(by: Self.second)
        let east = secondsEast(seconds)
        let (day, time) = (seconds + east).floored(by: Self.day)
        let date = CivilDate(day: day)
        let months = date.year * 12 + date.month - 1 - age.years * 12 - age.months
        let first = Self.firstDay(ofMonth: months)
        let length = Self.firstDay(ofMonth: months + 1) - first
        let local = (first + min(date.day, length) - 1 - age.days) * Self.day + time
        // The offset there may be another one than here.
        let moment = local - secondsEast(local - secondsEast(local - east))
        let back = Int128(moment - age.hours * Self.hour) * Int128(Self.second)
        return Int64(clamping: back + Int128(fraction))
    }

    /// `months` are counted from January of the year 0.
    private static func firstDay(ofMonth months: Int) -> Int {
        let (year, month) = months.floored(by: 12)
        return CivilDate(year: year, month: month + 1, day: 1).daysSince1970
    }
}
