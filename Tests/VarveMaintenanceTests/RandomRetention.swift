import TestSupport
import VarveFormat

@testable import VarveMaintenance

/// Snapshots and rules that follow from a seed.
struct RandomRetention {
    var numbers: SeededNumbers

    init(_ seed: UInt64) { numbers = SeededNumbers(seed) }

    private mutating func number(_ range: ClosedRange<Int>) -> Int {
        numbers.number(range)
    }

    /// Up to 60 snapshots of two hosts, over an hour or over years, some at the same moment.
    mutating func snapshots(
        datings: [JudgedSnapshot.Dating] = JudgedSnapshot.Dating.allCases, firstRecord: Int = 1
    ) -> [JudgedSnapshot] {
        let span = [3_600, 90_000, 9_000_000, 200_000_000][number(0...3)]
        let records = (0..<number(0...60)).map { firstRecord + $0 }.shuffled(using: &numbers)
        return records.map { record in
            let entry = SampleSnapshots.entry(
                record, at: SampleSnapshots.end - number(0...span) * SampleSnapshots.second,
                host: number(0...3) == 0 ? "db" : "web1",
                tags: ["a", "b", "c"].filter { _ in number(0...2) == 0 },
                isPinned: number(0...9) == 0)
            return JudgedSnapshot(entry, datings[number(0...(datings.count - 1))])
        }
    }

    mutating func count() -> Int { number(1...6) }

    /// In the last four months.
    mutating func moment() -> Int { SampleSnapshots.end - number(0...120) * SampleSnapshots.day }

    /// Up to 60 snapshots of one host in a stretch of time, which the storage vouches for.
    mutating func flood(in window: ClosedRange<Int>, firstRecord: Int) -> [JudgedSnapshot] {
        (0..<number(1...60)).map {
            JudgedSnapshot(
                SampleSnapshots.entry(firstRecord + $0, at: number(window)), .storage)
        }
    }

    mutating func grouping() -> RetentionGrouping { RetentionGrouping(rawValue: number(0...7)) }

    /// One to three.
    mutating func rules() -> [RetentionRule] { (0...number(0...2)).map { _ in rule() } }

    private mutating func rule() -> RetentionRule {
        let period = RetentionCalendar.Period.allCases[number(0...4)]
        let count = number(0...9) == 0 ? RetentionRule.Count.unlimited : .limited(number(1...8))
        let ages = ["5h", "3d", "40d", "7m", "2y"].compactMap { RetentionAge($0) }
        let age = ages[number(0...(ages.count - 1))]
        return switch number(0...4) {
        case 0: .last(count)
        case 1: .newest(period, count)
        case 2: .within(age)
        case 3: .newestWithin(period, age)
        default: .tags([["a"], ["a", "b"], ["c"]][number(0...2)])
        }
    }
}
