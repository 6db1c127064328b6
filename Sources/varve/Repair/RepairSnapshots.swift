import ArgumentParser
import VarveArchive
import VarveFormat
import VarveMaintenance
import VarveRepository

struct RepairSnapshots: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshots", abstract: "Mark what of each snapshot cannot be restored.",
        usage: "varve repair snapshots [OPTIONS]",
        discussion: """
            `snapshot list`, `show` and `restore` say it from then on. Marks of snapshots that are \
            whole again are taken back. A manifest that cannot be read is made anew where the \
            repository holds another one of the same snapshot. No snapshot is forgotten.

            Exit status: 0 done, 20 some snapshot cannot be restored whole.
            """)

    @Flag(name: [.customShort("n"), .long], help: "Show what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let repository = try RepositoryAccess(common.repository).open(fromStorageAlone: true)
        let output = RepairOutput(console)
        let report = try repository.repairSnapshots(isDryRun: dryRun) { output.print($0) }
        let marked = report.marked.sorted { $0.key < $1.key }
        try output.finish(
            isDryRun: dryRun,
            [
                ("snapshots", .integer(report.snapshots)),
                ("snapshots_damaged", .integer(report.damaged)),
                ("marked", .texts(marked.map(\.key.hex))),
                ("cleared", .texts(report.cleared.map(\.hex))),
                ("manifests_replaced", .texts(report.replaced.map(\.hex))),
            ],
            report.replaced.map { "replaced   \($0.hex.prefix(8)): another manifest says the same" }
                + marked.map { "marked     \($0.hex.prefix(8)): \(Shown.text($1))" }
                + report.cleared.map { "cleared    \($0.hex.prefix(8)): it is whole again" }
                + (report.isNothing ? ["nothing to mark"] : []))
        guard report.damaged > 0 else { return }
        console.warn(
            "of \(Amounts.count(report.snapshots, "snapshot")) \(Amounts.count(report.damaged)) "
                + "cannot be restored whole")
        throw Failure.reported(Failure.damagedStatus)
    }
}
