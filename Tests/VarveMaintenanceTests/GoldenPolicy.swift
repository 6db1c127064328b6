import Testing
import VarveFormat
import VarveSystem

@testable import VarveMaintenance

/// A policy, written as the options of `forget`, and the file that says what it keeps.
struct GoldenPolicy: CustomTestStringConvertible, Sendable {
    var options: String
    /// Whether it judges the mixed snapshots, or the plain ones.
    var isMixed = false

    static let all: [GoldenPolicy] =
        [
            "--keep-last 10", "--keep-last unlimited", "--keep-hourly 20", "--keep-daily 7",
            "--keep-daily 30", "--keep-weekly 10", "--keep-monthly 6", "--keep-monthly 100",
            "--keep-yearly 10", "--keep-yearly unlimited", "--keep-hourly unlimited",
            "--keep-daily 2 --keep-weekly 2 --keep-monthly 2 --keep-yearly 2",
            "--keep-last 2 --keep-hourly 3 --keep-daily 4 --keep-weekly 5 --keep-monthly 6 "
                + "--keep-yearly 7",
            "--keep-within 1d", "--keep-within 2y5m7d3h", "--keep-within 1y1m1d1h",
            "--keep-within 1m", "--keep-within-hourly 1y2m3d3h", "--keep-within-daily 1y2m3d3h",
            "--keep-within-weekly 1y2m3d3h", "--keep-within-monthly 1y2m3d3h",
            "--keep-within-yearly 100y", "--keep-tag release", "--keep-tag release,audit",
            "--keep-tag release --keep-tag audit --keep-daily 3",
            "--keep-within 14d --keep-within-weekly 3m --keep-monthly unlimited",
        ].map { GoldenPolicy(options: $0) }
        + [
            "--keep-last 3", "--keep-daily 7 --keep-monthly 6", "--keep-within 1y",
            "--keep-tag audit", "--keep-weekly unlimited",
        ].map { GoldenPolicy(options: $0, isMixed: true) }

    var testDescription: String { (isMixed ? "mixed " : "") + options }

    /// Below Fixtures/policies.
    private var path: String {
        let name = options.replacing("--keep-", with: "").replacing(" ", with: "-")
            .replacing(",", with: "+")
        let root = File.parent(of: File.parent(of: File.parent(of: #filePath)))
        return "\(root)/Fixtures/policies/\(isMixed ? "mixed" : "plain")-\(name).txt"
    }

    var expected: String {
        get throws {
            String(decoding: try File.contents(of: path, limit: 1 << 20), as: UTF8.self)
        }
    }

    func write(_ text: String) throws {
        let file = try File.createOrTruncate(path)
        try file.write(Array(text.utf8))
    }

    var rules: [RetentionRule] {
        get throws {
            let words = options.split(separator: " ").map(String.init)
            return try stride(from: 0, to: words.count, by: 2).map {
                try Self.rule(String(words[$0].dropFirst("--keep-".count)), words[$0 + 1])
            }
        }
    }

    private static func rule(_ name: String, _ value: String) throws -> RetentionRule {
        let period = name.split(separator: "-").last.flatMap {
            RetentionCalendar.Period(rawValue: String($0))
        }
        if name == "tag" { return .tags(value.split(separator: ",").map(String.init)) }
        if name.hasPrefix("within") {
            let age = try #require(RetentionAge(value))
            return period.map { .newestWithin($0, age) } ?? .within(age)
        }
        let count = Int(value).map { RetentionRule.Count.limited($0) } ?? .unlimited
        return period.map { .newest($0, count) } ?? .last(count)
    }

    /// What the policy keeps, newest first, and how many go.
    var outcome: String {
        get throws {
            let plan = RetentionPlan(
                isMixed ? SampleSnapshots.mixed : SampleSnapshots.plain,
                try #require(RetentionPolicy(rules)), by: [.host, .source],
                SampleSnapshots.calendar, latest: Int64(SampleSnapshots.end))
            let parts = plan.parts.map { part in
                "\(part.group.dating): \(part.kept.count) stay, \(part.removed.count) go\n"
                    + part.kept.reversed().map(Self.line).joined()
            }
            return options + "\n" + parts.joined()
        }
    }

    private static func line(_ kept: RetentionPlan.Kept) -> String {
        let time = Timestamp.text(nanoseconds: kept.entry.summary.time).prefix(19)
        return "\(time)  \(kept.reasons.map(\.description).joined(separator: ", "))\n"
    }
}
