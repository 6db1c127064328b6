import ArgumentParser
import VarveFormat
import VarveRepository

struct RepairLog: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Build a log that cannot be read anew.",
        usage: "varve repair log [OPTIONS]",
        discussion: """
            For a repository that does not open because records of its log are lost, or because it \
            is older than this machine remembers. Every snapshot is kept of which nothing says that \
            it was forgotten. A log that can be read is left alone; what is kept twice, and is missing \
            or damaged once, is written anew.

            Exit status: 0 done.
            """)

    @Flag(name: [.customShort("n"), .long], help: "Show what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let output = RepairOutput(console)
        let report = try RepositoryAccess(common.repository).repairLog(isDryRun: dryRun)
        try output.finish(isDryRun: dryRun, fields(report), lines(report))
        guard report.reason != nil else { return }
        if report.isUncertain {
            console.warn(
                "what the lost records said is gone: snapshots that they forgot may be back, tags "
                    + "and pins that they set are not")
        }
        if report.manifestsUnread > 0 {
            console.warn(
                "\(Amounts.count(report.manifestsUnread, "manifest")) that no record names cannot be "
                    + "read: a snapshot may be lost with it")
        }
        if !dryRun { console.warn("now run `varve repair index`, and `varve check`") }
    }

    private func fields(_ report: LogRepairReport) -> [(String, JSONValue)] {
        [
            ("reason", .optional(report.reason)),
            ("number", .optional(report.number.map { "\($0)" })),
            ("records_lost", .texts(report.lost.prefix(Self.numbersShown).map { "\($0)" })),
            ("snapshots", .integer(report.snapshots)),
            ("snapshots_kept", .texts(report.snapshotsKept.map(\.hex))),
            ("manifests_replaced", .texts(report.manifestsReplaced.map(\.hex))),
            ("segments_found", .integer(report.segmentsFound)),
            ("copies_made", .integer(report.copiesMade.count)),
            ("descriptor_made", .flag(report.isDescriptorMade)),
        ]
    }

    private static let numbersShown = 1_000

    private func lines(_ report: LogRepairReport) -> [String] {
        var lines: [String] = []
        if report.isDescriptorMade {
            lines.append("made       varve.json anew, from the key slots")
        }
        if !report.copiesMade.isEmpty {
            let objects = Amounts.count(report.copiesMade.count, "object")
            lines.append("copied     \(objects) of which one of two copies was whole")
        }
        guard let reason = report.reason, let number = report.number else {
            return report.copiesMade.isEmpty ? lines + ["nothing to mend in the log"] : lines
        }
        lines.append("damage     \(reason)")
        let lost = report.lost.prefix(5).map { "\($0)" }.joined(separator: ", ")
        if !report.lost.isEmpty {
            let more = report.lost.count > 5 ? ", ..." : ""
            lines.append("lost       \(Amounts.count(report.lost.count, "record")): \(lost)\(more)")
        }
        lines.append(
            report.base.map { "built      on what record \($0) stands for" }
                ?? "built      on nothing: parameters are the usual ones")
        for id in report.snapshotsKept {
            lines.append("kept       \(id.hex.prefix(8)): no record says that it was forgotten")
        }
        for id in report.manifestsReplaced {
            lines.append("kept       \(id.hex.prefix(8)): by another manifest, its own is gone")
        }
        let snapshots = Amounts.count(report.snapshots, "snapshot")
        return lines + ["mended     in record \(number): \(snapshots)"]
    }
}
