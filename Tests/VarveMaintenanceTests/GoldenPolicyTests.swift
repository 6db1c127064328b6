import Glibc
import Testing
import VarveFormat

@testable import VarveMaintenance

@Suite("A policy")
struct GoldenPolicyTests {
    @Test("keeps what its file says, for the reasons that stand there", arguments: GoldenPolicy.all)
    func golden(_ policy: GoldenPolicy) throws {
        let (outcome, expected) = (try policy.outcome, try policy.expected)
        let lines = zip(
            outcome.split(separator: "\n"), expected.split(separator: "\n"))
        if let (now, before) = lines.first(where: { $0 != $1 }) {
            Issue.record("\(policy.options): '\(now)' in place of '\(before)'")
        }
        #expect(outcome == expected)
    }

    /// Never part of an ordinary run: docs/TESTING.md says how to ask for it.
    @Test(
        "has its file written anew, where that is asked for",
        .enabled(if: getenv("VARVE_WRITE_GOLDEN") != nil), arguments: GoldenPolicy.all)
    func write(_ policy: GoldenPolicy) throws { try policy.write(policy.outcome) }

    @Test("is held against snapshots of several years, some of which share an hour, a day, ...")
    func samples() {
        let times = SampleSnapshots.plain.map(\.entry.summary.time)
        #expect(times.count > 250)
        #expect(times == times.sorted(by: >))
        for period in RetentionCalendar.Period.allCases {
            let periods = Set(times.map { SampleSnapshots.calendar.number(of: period, at: $0) })
            #expect((5..<times.count).contains(periods.count), "\(period)")
        }
        let mixed = SampleSnapshots.mixed
        #expect(Set(mixed.map(\.entry.recordNumber)).count == mixed.count)
        for dating in JudgedSnapshot.Dating.allCases {
            #expect(mixed.count { $0.dating == dating } > 10)
        }
        #expect(mixed.count { $0.entry.isPinned } > 2)
    }
}
