import ArgumentParser
import VarveArchive
import VarveMaintenance
import VarveRepository

struct RepairIndex: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "index", abstract: "Build damaged parts of the index anew from the packs.",
        usage: "varve repair index [OPTIONS]",
        discussion: """
            Where index segments are missing or damaged, every pack that snapshots need is named again.

            Exit status: 0 done, 20 something could not be read that says what is needed.
            """)

    @Flag(name: [.customShort("n"), .long], help: "Show what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let repository = try RepositoryAccess(common.repository).open(fromStorageAlone: true)
        let output = RepairOutput(console)
        let live = try LiveLine.start(output.progress, console, common.output)
        defer { live?.stop() }
        let report = try repository.repairIndex(isDryRun: dryRun) { output.print($0) }
        live?.stop()
        try output.finish(
            isDryRun: dryRun,
            [
                ("segments_damaged", .integer(report.segmentsDamaged)),
                ("packs_unnamed", .integer(report.packsUnnamed)),
                ("packs_named", .integer(report.packsNamed)),
                ("packs_copied", .integer(report.packsCopied)),
                ("chunks_lost", .integer(report.chunksLost)),
                ("unread", .integer(report.unread)),
            ], lines(report))
        guard report.unread > 0 else { return }
        console.warn(
            "manifests and directories that could not be read: \(Amounts.count(report.unread)); more "
                + "may be needed than is named, so run this again after `varve repair packs`")
        throw Failure.reported(Failure.damagedStatus)
    }

    private func lines(_ report: IndexRepairReport) -> [String] {
        guard !report.isNothing else { return ["nothing to mend in the index"] }
        var lines = [
            "segments   \(Amounts.count(report.segmentsDamaged)) cannot be read",
            "named      \(Amounts.count(report.packsNamed, "pack"))",
        ]
        if report.packsCopied > 0 {
            lines.append("written    \(Amounts.count(report.packsCopied, "pack")) anew")
        }
        if report.chunksLost > 0 {
            lines.append(
                "lost       \(Amounts.count(report.chunksLost, "chunk")) that no pack holds")
        }
        return lines
    }
}
