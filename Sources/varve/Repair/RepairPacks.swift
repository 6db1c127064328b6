import ArgumentParser
import VarveArchive
import VarveMaintenance
import VarveRepository

struct RepairPacks: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "packs", abstract: "Save what can be read of damaged packs.",
        usage: "varve repair packs [OPTIONS]",
        discussion: """
            Reads every pack. What can be read of damaged ones is written into new packs; what cannot \
            is lost until the next snapshot that reads the same data stores it again, or another \
            repository gives it.

              varve repair packs -n
              varve repair packs --from /mnt/second/varve

            Exit status: 0 done, 20 something that snapshots need is lost.
            """)

    @Option(
        help: ArgumentHelp(
            "Fetch what is lost from this repository.", valueName: "repository"),
        completion: .directory)
    var from: String?

    @Option(
        help: ArgumentHelp(
            "File with the key of that repository, if it is another one.", valueName: "file"),
        completion: .file())
    var fromKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "File with the passphrase of that repository.", valueName: "file"),
        completion: .file())
    var fromPassphraseFile: String?

    @Flag(name: [.customShort("n"), .long], help: "Show what would be done, and change nothing.")
    var dryRun = false

    @Flag(help: "Go on without asking when not one pack is in the repository.")
    var yes = false

    @OptionGroup var common: GlobalOptions

    func validate() throws {
        guard from == nil, fromKeyFile != nil || fromPassphraseFile != nil else { return }
        throw ValidationError("--from-key-file and --from-passphrase-file need --from")
    }

    func run(_ console: Console) throws {
        let access = try RepositoryAccess(common.repository)
        let repository = try access.open(fromStorageAlone: true)
        let sibling = try from.map {
            try access.beside($0, keyFile: fromKeyFile, passphraseFile: fromPassphraseFile).open()
        }
        let output = RepairOutput(console)
        let live = try LiveLine.start(output.progress, console, common.output)
        defer { live?.stop() }
        let report = try repository.repairPacks(
            from: sibling, isDryRun: dryRun,
            allAreMissing: { count in
                live?.stop()
                guard !yes else { return }
                try console.confirm(
                    "not one of \(Amounts.count(count, "pack")) is in the repository, and what they "
                        + "held would be given up")
            },
            observer: { output.print($0) })
        live?.stop()
        try output.finish(
            isDryRun: dryRun,
            [
                ("packs_read", .integer(report.packsRead)),
                ("bytes_read", .integer(report.bytesRead)),
                ("packs_damaged", .integer(report.packsDamaged)),
                ("packs_left", .integer(report.packsLeft)),
                ("copies_lost", .integer(report.copiesLost)),
                ("bytes_written", .integer(report.bytesWritten)),
                ("chunks_fetched", .integer(report.chunksFetched)),
                ("chunks_missing", .integer(report.chunksMissing)),
            ], lines(report))
        if report.packsLeft > 0 {
            console.warn(
                "\(Amounts.count(report.packsLeft, "damaged pack")) could not be read a second time, "
                    + "and stay as they are; run `varve repair packs` again")
        }
        guard report.chunksMissing > 0 else {
            if report.packsLeft > 0 { throw Failure.reported(Failure.damagedStatus) }
            return
        }
        console.warn(
            "\(Amounts.count(report.chunksMissing, "chunk")) that snapshots need are lost; the next "
                + "snapshot of the same data stores them again, and `varve repair snapshots` says "
                + "what they take with them")
        throw Failure.reported(Failure.damagedStatus)
    }

    private func lines(_ report: PacksRepairReport) -> [String] {
        var lines = [
            "read       \(Amounts.count(report.packsRead, "pack")), "
                + Amounts.bytes(report.bytesRead)
        ]
        guard !report.isNothing else { return lines + ["nothing to mend in the packs"] }
        lines.append("damaged    \(Amounts.count(report.packsDamaged, "pack"))")
        if report.copiesLost > 0 {
            lines.append("lost       \(Amounts.count(report.copiesLost, "chunk")) in them")
        }
        if report.chunksFetched > 0 {
            lines.append("fetched    \(Amounts.count(report.chunksFetched, "chunk"))")
        }
        if report.bytesWritten > 0 {
            lines.append("written    \(Amounts.bytes(report.bytesWritten)) anew")
        }
        return lines
    }
}
