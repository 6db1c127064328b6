import VarveArchive
import VarveFormat
import VarveRepository

/// What is said when a snapshot was taken.
struct CreateSummary {
    var report: SnapshotReport
    var options: SnapshotOptions
    /// Nil for a snapshot of paths.
    var streamName: String?
    var bytesRead: Int
    /// A file among those read whose name says that it is compressed.
    var compressedFile: String?
    /// How many entries were left out, by what.
    var excluded: [Exclusion.Kind: Int] = [:]

    private var counts: SnapshotManifest.Counts { report.counts }
    private var written: WriteReport { report.written }

    func print(_ console: Console) throws {
        guard !console.isJSON else { return try console.emit(json) }
        for line in lines { try console.say(line) }
        if report.isIncomplete {
            console.warn(
                "\(Amounts.count(counts.errors, "item")) could not be read; the snapshot has the rest"
            )
        }
    }

    var lines: [String] {
        guard let title else { return ["nothing has changed: no snapshot was taken" + parent] }
        var lines = [title + parent]
        if streamName == nil { lines.append("  files    " + files) }
        lines.append("  read     " + read)
        lines.append("  new      " + new)
        if written.bytesNew > 0 { lines.append("  stored   " + stored) }
        if !leftOut.isEmpty { lines.append("  left out " + leftOut) }
        lines += report.leftOut.map { "  left out \(Shown.text($0)), which is Varve's own" }
        if let advice { lines.append("  " + advice) }
        return lines
    }

    /// Which snapshot was taken, or would be; nil for none.
    private var title: String? {
        let sources = report.sources.map(Shown.text).joined(separator: ", ")
        if options.isDryRun { return "dry run, nothing is stored: a snapshot of \(sources)" }
        guard let snapshot = report.snapshot else { return nil }
        return "snapshot \(snapshot.hex.prefix(8)) of \(sources), \(TimeText.local(options.time))"
    }

    private var parent: String {
        report.parent.map { " (parent \($0.hex.prefix(8)))" } ?? ""
    }

    private var files: String {
        let kinds = [
            (counts.filesNew, "new"), (counts.filesChanged, "changed"),
            (counts.filesUnmodified, "unmodified"),
        ]
        let texts = kinds.filter { $0.0 > 0 }.map { "\(Amounts.count($0.0)) \($0.1)" }
        return (texts.isEmpty ? "none" : texts.joined(separator: ", "))
            + "; \(Amounts.bytes(counts.bytes)) in all"
    }

    private var leftOut: String {
        Exclusion.Kind.allCases.compactMap { kind in
            guard let count = excluded[kind], let words = words(for: kind) else { return nil }
            return "\(Amounts.count(count)) \(words)"
        }.joined(separator: ", ")
    }

    /// Nil for what is named in a line of its own.
    private func words(for kind: Exclusion.Kind) -> String? {
        switch kind {
        case .pattern: "by patterns"
        case .marker: "by marks in them"
        case .cache: "as caches"
        case .size: "for their size"
        case .own: nil
        case .fileSystem: "on other file systems"
        case .database: "beside databases, with which they are read"
        }
    }

    private var read: String {
        let time = Amounts.duration(nanoseconds: report.durationNanoseconds)
        guard bytesRead > 0 else { return "nothing, in \(time)" }
        let rate = Amounts.rate(bytes: bytesRead, nanoseconds: report.durationNanoseconds)
        return "\(Amounts.bytes(bytesRead)) in \(time)" + (rate.map { " (\($0))" } ?? "")
    }

    private var new: String {
        guard written.bytesNew > 0 else { return "nothing: every byte was stored before" }
        let share =
            counts.bytes >= written.bytesNew
            ? "  (\(Amounts.share(written.bytesNew, of: counts.bytes)))" : ""
        return "\(Amounts.bytes(written.bytesNew)) after deduplication" + share
    }

    private var stored: String {
        let factor =
            // A few hundredths are not worth a word.
            Double(written.bytesNew) >= Double(written.bytesStored) * 1.05
            ? "  (\(Amounts.factor(written.bytesNew, written.bytesStored)) times smaller)" : ""
        // What two threads meet first decides what is a difference of what; and what resembles
        // something in a pack that was full and forgotten could have been smaller.
        let about = options.isDryRun ? "about " : ""
        return "\(about)\(Amounts.bytes(written.bytesStored)) after similarity and compression"
            + factor
    }

    /// Fewer new bytes are no reason for advice.
    static let adviceBytesMin = 4 << 20

    /// What would make the next snapshots smaller; nil when there is nothing to say.
    var advice: String? {
        guard written.bytesNew >= Self.adviceBytesMin,
            written.bytesIncompressible > written.bytesNew / 2
        else { return nil }
        if let streamName {
            let name = Shown.text(streamName)
            return CompressedNames.contains(streamName)
                ? "\(name) arrives compressed, so it cannot deduplicate: pipe the plain dump, "
                    + "which Varve compresses itself, or give --gunzip"
                : "\(name) arrives compressed or encrypted, so it cannot deduplicate: pipe the plain "
                    + "dump if there is one"
        }
        return compressedFile.map {
            "\(Shown.text($0)) is compressed, so its next version will not deduplicate: keep the "
                + "plain file, or pipe the plain dump into `varve snapshot create --stdin NAME`"
        }
    }

    var json: JSONValue {
        [
            "message_type": "summary", "snapshot_id": .optional(report.snapshot?.hex),
            "parent": .optional(report.parent?.hex), "files_new": .integer(counts.filesNew),
            "files_changed": .integer(counts.filesChanged),
            "files_unmodified": .integer(counts.filesUnmodified),
            "total_files_processed": .integer(counts.files),
            "total_dirs_processed": .integer(counts.directories),
            "total_bytes_processed": .integer(counts.bytes), "bytes_read": .integer(bytesRead),
            "chunks_new": .integer(written.chunksNew), "data_added": .integer(written.bytesNew),
            "data_added_packed": .integer(written.bytesStored),
            "data_similar": .integer(written.bytesSimilar),
            "data_similar_packed": .integer(written.bytesSimilarStored),
            "data_incompressible": .integer(written.bytesIncompressible),
            "errors": .integer(counts.errors), "incomplete": .flag(report.isIncomplete),
            "total_duration": .seconds(nanoseconds: report.durationNanoseconds),
            "excluded": .object(
                Exclusion.Kind.allCases.map {
                    JSONValue.Field($0.rawValue, .integer(excluded[$0] ?? 0))
                }), "left_out": .texts(report.leftOut), "advice": .optional(advice),
            "dry_run": .flag(options.isDryRun),
        ]
    }
}
