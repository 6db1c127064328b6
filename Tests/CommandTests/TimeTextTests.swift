import Testing
import VarveFormat

@testable import varve

@Suite("Times as people write them")
struct TimeTextTests {
    private func utc(_ text: String) -> Int64? { Timestamp.nanoseconds(text) }

    @Test("a time with a zone means that moment")
    func zones() {
        let moment = utc("2026-11-21T10:02:11.000000000Z")
        #expect(TimeText("2026-11-21T10:02:11Z")?.first == moment)
        #expect(TimeText("2026-11-21 11:02:11+01:00")?.first == moment)
        #expect(TimeText("2026-11-21T04:32:11-0530")?.first == moment)
        #expect(TimeText("2026-11-21T12:02:11+02")?.first == moment)
    }

    @Test("what is not written is all of it")
    func precision() {
        #expect(
            TimeText("2026-11-21T10:02Z")?.last == utc("2026-11-21T10:02:59.999999999Z"))
        #expect(
            TimeText("2026-11-21T10:02:11Z")?.last == utc("2026-11-21T10:02:11.999999999Z"))
        #expect(
            TimeText("2026-11-21T10:02:11.5Z")?.last == utc("2026-11-21T10:02:11.599999999Z"))
        #expect(
            TimeText("2026-11-21T10:02:11.123456789Z")?.last
                == utc("2026-11-21T10:02:11.123456789Z"))
    }

    @Test("a date alone means its end, a time its start")
    func moments() throws {
        let date = try #require(TimeText("2026-11-21"))
        let next = try #require(TimeText("2026-11-22"))
        #expect(date.moment == date.last)
        #expect(date.last + 1 == next.first)
        let time = try #require(TimeText("2026-11-21T10:02"))
        #expect(time.moment == time.first)
        #expect(date.first <= time.first && time.last <= date.last)
    }

    @Test("a year that nanoseconds do not reach is told from what is written wrong")
    func beyond() {
        for text in ["9999-01-01", "1600-02-29", "2262-04-12", "1677-09-20T10:00Z"] {
            #expect(TimeText(text) == nil && TimeText.isBeyond(text), "\(text)")
        }
        for text in ["1677-09-22", "2262-04-10", "9999-02-30", "1900-02-29", "yesterday", "9999"] {
            #expect(!TimeText.isBeyond(text), "\(text)")
        }
    }

    @Test("a listing's time is read back as the second it shows")
    func localTimes() throws {
        let moment = try #require(utc("2026-07-01T03:04:05.600000000Z"))
        let shown = try #require(TimeText(TimeText.local(moment)))
        #expect(shown.first <= moment && moment <= shown.last)
        #expect(TimeText.local(-1_500_000_000).hasSuffix(":58"))
    }

    @Test(
        "what no calendar has is refused",
        arguments: [
            "", "2026", "2026-02-30", "2026-13-01", "2026-11-21T24:00", "2026-11-21T10:60",
            "2026-11-21T10", "2026-11-21T10:02:11.", "2026-11-21T10:02x", "2026-11-21T10:02+1",
            "9999-01-01", "yesterday", "2026-11-21T10:02:11.1234567890",
        ])
    func nonsense(_ text: String) {
        #expect(TimeText(text) == nil)
    }
}
