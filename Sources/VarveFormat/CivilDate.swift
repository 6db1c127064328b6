/// A date of the proleptic Gregorian calendar.
///
/// Years are counted from March inside, so that the leap day ends one, in eras of 400 years.
public struct CivilDate: Sendable, Hashable {
    public var year: Int
    /// 1 to 12, when it comes from a day.
    public var month: Int
    /// 1 to 31, when it comes from a day.
    public var day: Int

    public init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date of a day, counted from 1 January 1970.
    public init(day: Int) {
        let (era, dayOfEra) = (day + Self.daysBefore1970).floored(by: Self.daysPerEra)
        // Each term takes out the leap days that came before: every 4, 100 and 400 years.
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = (monthFromMarch + 2) % 12 + 1
        year = era * 400 + yearOfEra + (month > 2 ? 0 : 1)
        self.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    }

    /// Days from 1 January 1970 to this date, whose month is one of 1 to 12.
    public var daysSince1970: Int {
        let (era, yearOfEra) = (month > 2 ? year : year - 1).floored(by: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * Self.daysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - Self.daysBefore1970
    }

    private static let daysPerEra = 146_097
    /// From 1 March of the year 0 to 1 January 1970.
    private static let daysBefore1970 = 719_468
}

extension Int {
    /// The quotient rounded down, and what is left, which is never below zero.
    public func floored(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
