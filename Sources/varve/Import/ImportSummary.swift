import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

/// What is said about an import, before and after.
struct ImportSummary {
    let plan: ImportPlan
    let options: ImportOptions

    /// More names than these are only counted, unless all were asked for.
    private static let namesMax = 10

    /// Whether files that should have come are left out.
    var hasErrors: Bool { plan.leftOut.contains(where: \.isError) }

    /// Lists what would be imported.
    func printPlan(_ console: Console) throws {
        if console.isJSON { return try console.emit(json) }
        var table = Table([("Time", .left), ("Size", .right), ("File", .left)])
        for file in plan.files {
            table.add([
                TimeText.local(file.time), Amounts.bytes(file.bytes), Shown.path(file.name),
            ])
        }
        if !plan.files.isEmpty { for line in table.lines { try console.print(line) } }
        for left in plan.leftOut {
            try console.print("left out: \(Shown.path(left.name)): \(left.reason)")
        }
        let bytes = plan.files.reduce(0) { $0 + $1.bytes }
        try console.say(
            "would import \(Amounts.count(plan.files.count, "snapshot")) of "
                + "\(Shown.text(options.name)) from \(Amounts.bytes(bytes))" + skipped)
    }

    private var skipped: String {
        plan.present.isEmpty ? "" : "; \(Amounts.count(plan.present.count)) came before"
    }

    /// Names what is not imported.
    func reportLeftOut(_ events: EventPrinter, _ console: Console) {
        var unmatched = 0
        for left in plan.leftOut {
            let path = RawText.text(left.name)
            if left.isError {
                events.print(.failed(path: path, reason: left.reason))
                continue
            }
            unmatched += 1
            if unmatched <= Self.namesMax || console.verbosity >= .verbose || console.isJSON {
                events.print(.noted(path: path, reason: "left out: \(left.reason)"))
            }
        }
        if unmatched > Self.namesMax, console.verbosity == .normal {
            let more = unmatched - Self.namesMax
            console.warn("\(Amounts.count(more, "more file")) left out; -v names them")
        }
    }

    func print(_ report: ImportReport, _ console: Console) throws {
        guard !console.isJSON else { return try console.emit(json(report)) }
        for line in lines(report) { try console.say(line) }
        let failed = report.failures.count
        if failed > 0 { console.warn("\(Amounts.count(failed, "file")) could not be imported") }
    }

    func lines(_ report: ImportReport) -> [String] {
        let name = Shown.text(options.name)
        guard report.snapshots > 0 else { return ["imported nothing of \(name)" + skipped] }
        let time = Amounts.duration(nanoseconds: report.durationNanoseconds)
        let plain =
            report.bytesPlain == report.bytesRead
            ? "" : " (\(Amounts.bytes(report.bytesPlain)) uncompressed)"
        let factor =
            report.bytesRead > report.bytesStored
            ? ", \(Amounts.factor(report.bytesRead, report.bytesStored)) times less than the files"
            : ""
        var lines = [
            "imported \(Amounts.count(report.snapshots, "snapshot")) of \(name)" + skipped,
            "  read     \(Amounts.bytes(report.bytesRead))\(plain) in \(time)",
            "  stored   \(Amounts.bytes(report.bytesStored))\(factor)",
        ]
        if let advice { lines.append("  " + advice) }
        return lines
    }

    /// What would make the repository smaller; nil when there is nothing to say.
    private var advice: String? {
        guard !options.gunzip, let last = plan.files.last else { return nil }
        let name = String(decoding: last.name, as: UTF8.self)
        guard CompressedNames.contains(name) else { return nil }
        return name.hasSuffix(".gz") || name.hasSuffix(".tgz")
            ? "the files are compressed, so they do not deduplicate: import them with --gunzip"
            : "the files are compressed, so they do not deduplicate: decompress them first (only "
                + "gzip is known here)"
    }

    /// The names among those left out that are not UTF-8.
    private var leftOutBytes: JSONValue {
        .texts(
            plan.leftOut.map(\.name).filter { String(validating: $0, as: UTF8.self) == nil }
                .map(Shown.base64))
    }

    private var json: JSONValue {
        [
            "message_type": "import_plan", "name": .text(options.name),
            "files": .list(
                plan.files.map { file in
                    .object(
                        Shown.fields("item", file.name) + [
                            .init("time", .text(Timestamp.text(nanoseconds: file.time))),
                            .init("size", .integer(file.bytes)),
                        ])
                }),
            "files_present": .integer(plan.present.count),
            "left_out": .texts(plan.leftOut.map { String(decoding: $0.name, as: UTF8.self) }),
            "left_out_base64": leftOutBytes,
        ]
    }

    private func json(_ report: ImportReport) -> JSONValue {
        [
            "message_type": "summary", "name": .text(options.name),
            "snapshots": .integer(report.snapshots),
            "files_present": .integer(plan.present.count),
            "left_out": .texts(plan.leftOut.map { String(decoding: $0.name, as: UTF8.self) }),
            "left_out_base64": leftOutBytes,
            "bytes_read": .integer(report.bytesRead),
            "total_bytes_processed": .integer(report.bytesPlain),
            "data_added_packed": .integer(report.bytesStored),
            "issues": .list(report.failures.map(\.json)),
            "total_duration": .seconds(nanoseconds: report.durationNanoseconds),
        ]
    }
}
