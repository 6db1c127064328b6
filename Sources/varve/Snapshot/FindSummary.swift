import VarveArchive
import VarveFormat
import VarveRepository

/// What `find` says.
struct FindSummary {
    private let report: FindReport
    private let isLong: Bool
    private let console: Console
    /// The snapshots as rows name them.
    private let names: [String]

    init(_ report: FindReport, isLong: Bool, _ console: Console) {
        (self.report, self.isLong, self.console) = (report, isLong, console)
        names = console.isJSON ? [] : report.snapshots.map(\.shownName)
    }

    func print() throws {
        if !console.isJSON, !report.versions.isEmpty { try console.say(heading) }
        for version in report.versions {
            if console.isJSON {
                try console.emit(json(version))
            } else {
                try console.print(line(version))
            }
        }
        try printSum()
        try UnseenParts(issues: report.issues, phase: "find").tell(console)
    }

    private static let countWidth = 9

    private var heading: String {
        let width = names.first?.count ?? 0
        let entry =
            isLong ? "Entry" : "Size".aligned(to: 9) + "  " + "Changed".padded(to: 21) + "Path"
        return [
            "First".padded(to: width), "Last".padded(to: width),
            "Snapshots".aligned(to: Self.countWidth), entry,
        ].joined(separator: "  ")
    }

    private func line(_ version: FoundVersion) -> String {
        let holders = version.holders
        return [
            names[holders.first], names[holders.last],
            Amounts.count(holders.count).aligned(to: Self.countWidth),
            isLong
                ? NodeText.long(version.path, version.node)
                : NodeText.short(version.path, version.node),
        ].joined(separator: "  ")
    }

    private func json(_ version: FoundVersion) -> JSONValue {
        let (first, last) = (
            report.snapshots[version.holders.first], report.snapshots[version.holders.last]
        )
        return NodeText.json(version.path, version.node, "version")
            .adding("first_snapshot", .text(first.id.hex))
            .adding("first_time", .text(Timestamp.text(nanoseconds: first.summary.time)))
            .adding("last_snapshot", .text(last.id.hex))
            .adding("last_time", .text(Timestamp.text(nanoseconds: last.summary.time)))
            .adding("snapshots_count", .integer(version.holders.count))
    }

    private func printSum() throws {
        let paths = Set(report.versions.lazy.map(\.path)).count
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "summary", "versions": .integer(report.versions.count),
                "paths": .integer(paths), "snapshots_count": .integer(report.snapshots.count),
            ])
        }
        let snapshots = Amounts.count(report.snapshots.count, "snapshot")
        guard !report.versions.isEmpty else {
            return try console.say("nothing found in \(snapshots)")
        }
        try console.say(
            "\(Amounts.count(report.versions.count, "version")) of "
                + "\(Amounts.count(paths, "path")) in \(snapshots)")
    }
}

extension RepositoryState.SnapshotEntry {
    /// "3f15bcea  2026-11-21 10:25:00".
    var shownName: String { "\(id.hex.prefix(8))  \(TimeText.local(summary.time))" }
}
