import Testing
import VarveFormat
import VarveSystem

@testable import VarveMaintenance

@Suite("The calendar of retention")
struct RetentionCalendarTests {
    private static let utc = SampleSnapshots.calendar

    /// Two hours ahead of Greenwich from 29 March 2026, 01:00 UTC, to 25 October, one hour before and
    /// after.
    private static let berlin = RetentionCalendar { seconds in
        (1_774_746_000..<1_792_890_000).contains(seconds) ? 7_200 : 3_600
    }

    private func moment(_ text: String) throws -> Int64 {
        try #require(Timestamp.nanoseconds(text + ".000000000Z"), "\(text)")
    }

    private func same(
        _ period: RetentionCalendar.Period, _ one: String, _ other: String,
        _ calendar: RetentionCalendar = utc
    ) throws -> Bool {
        calendar.number(of: period, at: try moment(one))
            == calendar.number(of: period, at: try moment(other))
    }

    @Test("ends hours, days, months and years where clocks do, also before 1970")
    func ends() throws {
        #expect(try same(.hourly, "2026-03-01T10:00:00", "2026-03-01T10:59:59"))
        #expect(try !same(.hourly, "2026-03-01T10:59:59", "2026-03-01T11:00:00"))
        #expect(try !same(.hourly, "2026-03-01T10:30:00", "2026-03-02T10:30:00"))
        #expect(try !same(.daily, "1969-12-31T23:59:59", "1970-01-01T00:00:00"))
        #expect(try same(.daily, "1969-12-31T00:00:00", "1969-12-31T23:59:59"))
        #expect(try same(.monthly, "2024-02-01T00:00:00", "2024-02-29T23:59:59"))
        #expect(try !same(.monthly, "2024-02-29T23:59:59", "2024-03-01T00:00:00"))
        #expect(try !same(.monthly, "2024-03-05T00:00:00", "2025-03-05T00:00:00"))
        #expect(try !same(.yearly, "2024-12-31T23:59:59", "2025-01-01T00:00:00"))
    }

    @Test("has weeks from Monday to Sunday, across years")
    func weeks() throws {
        #expect(try same(.weekly, "2024-12-30T00:00:00", "2025-01-05T23:59:59"))
        #expect(try !same(.weekly, "2024-12-29T23:59:59", "2024-12-30T00:00:00"))
        #expect(try !same(.weekly, "2025-01-05T23:59:59", "2025-01-06T00:00:00"))
        #expect(try !same(.weekly, "2025-01-06T00:00:00", "2026-01-05T00:00:00"))
    }

    @Test("counts the hour that clocks show twice as two, and days by the clock")
    func summerTime() throws {
        let (first, second) = ("2026-10-25T00:30:00", "2026-10-25T01:30:00")
        #expect(try !same(.hourly, first, second, Self.berlin))
        #expect(try same(.daily, first, second, Self.berlin))
        #expect(try same(.daily, "2026-07-01T22:00:00", "2026-07-02T21:59:59", Self.berlin))
        #expect(try !same(.daily, "2026-07-01T21:59:59", "2026-07-01T22:00:00", Self.berlin))
    }

    @Test(
        "goes back by years and months, then by days, then by hours",
        arguments: [
            ("1y", "2024-02-29T12:00:00", "2023-02-28T12:00:00"),
            ("1m", "2026-03-31T12:00:00", "2026-02-28T12:00:00"),
            ("13m", "2026-01-15T00:00:01", "2024-12-15T00:00:01"),
            ("2y5m7d3h", "2026-03-29T12:34:56", "2023-10-22T09:34:56"),
            ("90d", "2026-03-29T12:00:00", "2025-12-29T12:00:00"),
            ("49h", "2026-03-01T00:30:00", "2026-02-26T23:30:00"),
        ])
    func back(_ age: String, _ from: String, _ to: String) throws {
        let age = try #require(RetentionAge(age))
        #expect(Self.utc.moment(age, before: try moment(from)) == (try moment(to)))
    }

    @Test("goes back a day as clocks do when they were changed, and an hour as time does")
    func backOverChange() throws {
        let now = try moment("2026-03-29T12:00:00")
        for (age, then) in [("1d", "2026-03-28T13:00:00"), ("24h", "2026-03-28T12:00:00")] {
            let age = try #require(RetentionAge(age))
            #expect(Self.berlin.moment(age, before: now) == (try moment(then)))
        }
    }

    @Test("stays within what a time can say")
    func limits() throws {
        let age = try #require(RetentionAge("99999y99999m99999d99999h"))
        #expect(Self.utc.moment(age, before: .min) == .min)
        #expect(Self.utc.moment(age, before: .max) == .min)
        for period in RetentionCalendar.Period.allCases {
            let calendar = RetentionCalendar(secondsEast: CalendarTime.secondsEast)
            let ends = [Int64.min, .max].map { calendar.number(of: period, at: $0) }
            #expect(ends[0] < ends[1])
        }
    }

    @Test("reads ages that say something, and no others")
    func ages() throws {
        for text in ["1h", "14d", "6m", "2y", "2y5m7d3h", "3h2y"] {
            let age = try #require(RetentionAge(text), "\(text)")
            #expect(RetentionAge("\(age)") == age)
        }
        #expect(RetentionAge("7d2y").map { "\($0)" } == "2y7d")
        for text in ["", "0d", "7", "d", "7w", "-1d", "1d1d", "100000d", "1 d", "1.5d", "٣d"] {
            #expect(RetentionAge(text) == nil, "\(text)")
        }
    }
}
