import VarveArchive
import VarveFormat
import VarveRepository

/// What is said when a restore is done.
struct RestoreSummary {
    var report: RestoreReport
    var source: Target
    var target: String
    var dryRun: Bool

    func print(_ console: Console) throws {
        guard !console.isJSON else { return try console.emit(json) }
        for line in lines { try console.say(line) }
        for what in report.skipped { console.warn("not restored: \(what)") }
        for what in report.kept { console.warn("not removed: \(what)") }
        if !report.issues.isEmpty {
            console.warn("\(Issue.items(report.issues)) could not be restored")
        }
    }

    /// For people.
    var lines: [String] {
        let name = Shown.path(
            source.pathBytes.isEmpty ? [] : Array(":".utf8) + source.pathBytes)
        let time = Amounts.duration(nanoseconds: report.durationNanoseconds)
        let rate = Amounts.rate(bytes: report.bytes, nanoseconds: report.durationNanoseconds)
        return [
            (dryRun ? "would restore" : "restored")
                + " snapshot \(source.entry.id.hex.prefix(8))\(name) into \(Shown.text(target))",
            "  " + counts,
            "  \(Amounts.bytes(report.bytes)) in \(time)" + (rate.map { " (\($0))" } ?? ""),
        ]
    }

    /// "3 files, 2 directories" into an empty place, "1 new, 2 changed, 7 unchanged files" else.
    private var counts: String {
        let directories =
            report.directories == 1
            ? "1 directory" : "\(Amounts.count(report.directories)) directories"
        let kinds = [
            (report.files, "new"), (report.filesChanged, "changed"),
            (report.filesUnchanged, "unchanged"), (report.filesLeft, "skipped"),
        ].filter { $0.0 > 0 }
        let isPlain = kinds.allSatisfy { $0.1 == "new" }
        let files =
            isPlain
            ? Amounts.count(report.files, "file")
            : "files: " + kinds.map { "\(Amounts.count($0.0)) \($0.1)" }.joined(separator: ", ")
        let others = report.others > 0 ? ", \(Amounts.count(report.others, "other"))" : ""
        let deleted = report.deleted > 0 ? "; \(Amounts.count(report.deleted)) deleted" : ""
        return files + (isPlain ? ", " : "; ") + directories + others + deleted
    }

    private var json: JSONValue {
        [
            "message_type": "summary", "snapshot_id": .text(source.entry.id.hex),
            "target": .text(target), "dry_run": .flag(dryRun),
            "files_restored": .integer(report.files + report.filesChanged),
            "files_new": .integer(report.files), "files_changed": .integer(report.filesChanged),
            "files_unchanged": .integer(report.filesUnchanged),
            "files_skipped": .integer(report.filesLeft),
            "files_deleted": .integer(report.deleted),
            "dirs_restored": .integer(report.directories),
            "others_restored": .integer(report.others),
            "bytes_restored": .integer(report.bytes),
            "bytes_written": .integer(report.bytesWritten),
            "seconds_elapsed": .seconds(nanoseconds: report.durationNanoseconds),
            "issues": .list(Issue.different(report.issues).map(\.json)),
            "skipped": .texts(report.skipped),
            "not_deleted": .texts(report.kept),
        ]
    }
}
