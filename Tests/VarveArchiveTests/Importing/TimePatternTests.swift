import Testing
import VarveFormat
import VarveSystem

@testable import VarveArchive

@Suite("A pattern for the times in names")
struct TimePatternTests {
    private func text(_ pattern: String, _ name: String) throws -> String? {
        try TimePattern(pattern).time(in: Array(name.utf8))?.nanoseconds.map {
            Timestamp.text(nanoseconds: $0)
        }
    }

    @Test(
        "finds the time",
        arguments: [
            ("b_%Y%m%d_%H%M%S%z.gz", "b_20250630_120001Z.gz", "2025-06-30T12:00:01.000000000Z"),
            ("b_%Y%m%d%z", "b_20250630+0130", "2025-06-29T22:30:00.000000000Z"),
            ("%y-%j%z", "24-366-02:00", "2024-12-31T02:00:00.000000000Z"),
            ("%y%m%z", "6912Z", "1969-12-01T00:00:00.000000000Z"),
            ("%d-%b-%Y %I.%M%p%z", "07-Mar-2020 12.05AMZ", "2020-03-07T00:05:00.000000000Z"),
            ("%d-%b-%Y %I.%M%p%z", "07-MAY-2020 12.05pmZ", "2020-05-07T12:05:00.000000000Z"),
            ("%FT%T.%f%z", "2020-02-29T01:02:03.25Z", "2020-02-29T01:02:03.250000000Z"),
            ("app-%s.sql", "app-1700000000.sql", "2023-11-14T22:13:20.000000000Z"),
            ("*%Y%m%d%z*.gz", "11 db_20250630Z.sql.gz", "2025-06-30T00:00:00.000000000Z"),
            ("*%Y%m%d%z*", "1120250630Z", "2025-06-30T00:00:00.000000000Z"),
            ("100%%%Y%z", "100%2001Z", "2001-01-01T00:00:00.000000000Z"),
        ])
    func times(pattern: String, name: String, expected: String) throws {
        #expect(try text(pattern, name) == expected)
    }

    @Test(
        "does not match other names",
        arguments: [
            ("b_%Y%m%d.gz", "b_20250630.gz.tmp"), ("b_%Y%m%d.gz", "xb_20250630.gz"),
            ("b_%Y%m%d.gz", "b_20251330.gz"), ("b_%Y%m%d.gz", "b_2025063.gz"),
            ("b_%Y%m%d.gz", "b_.gz"), ("*%Y*", "abc"), ("%Y", ""), ("%Y-%b", "2020-foo"),
            ("%Y%z", "2020"), ("%s", "99999999999"),
        ])
    func others(pattern: String, name: String) throws {
        #expect(try TimePattern(pattern).time(in: Array(name.utf8)) == nil)
    }

    @Test("tells dates that no calendar has from names that do not match")
    func dates() throws {
        for (pattern, name) in [
            ("%Y%m%d", "20250230"), ("%Y%j", "2025366"), ("%Y%m%d", "20250631"),
        ] {
            let time = try #require(try TimePattern(pattern).time(in: Array(name.utf8)))
            #expect(time.nanoseconds == nil)
        }
    }

    @Test("local times are those of this machine")
    func local() throws {
        let time = try #require(try text("%Y%m%d%H%M%S", "20250630120000"))
        let expected = try #require(Timestamp.nanoseconds(time)) / 1_000_000_000
        let shown = CalendarTime.local(seconds: Int(expected))
        #expect((shown.year, shown.month, shown.day) == (2025, 6, 30))
        #expect((shown.hour, shown.minute, shown.second) == (12, 0, 0))
    }

    @Test(
        "says what is wrong with itself",
        arguments: ["backup.gz", "%m%d", "%Y/%m", "%Y%Y", "%Y%", "%Y%Q", "%Y%I", "%Y%p", "%F%Y"])
    func failures(pattern: String) {
        #expect(throws: TimePattern.Failure.self) { try TimePattern(pattern) }
    }

    @Test(
        "leaves a name for the stream",
        arguments: [
            ("backup_%Y%m%d_%H%M%S.json.gz", "backup.json"), ("%Y-%m-%d_app.sql.gz", "app.sql"),
            ("db-%Y-prod.sql", "db-prod.sql"), ("app.%F.tar.gz", "app.tar"), ("app%s", "app"),
            ("*-%Y.sql", nil), ("%Y%m%d.gz", nil), ("%Y", nil),
        ] as [(String, String?)])
    func names(pattern: String, expected: String?) throws {
        #expect(try TimePattern(pattern).streamName(isCompressed: true) == expected)
    }

    @Test("keeps the ending of files that stay compressed")
    func compressedName() throws {
        #expect(try TimePattern("a_%Y.gz").streamName(isCompressed: false) == "a.gz")
    }
}
