import ArgumentParser
import VarveArchive
import VarveMaintenance
import VarveRepository
import VarveSystem

struct Check: VarveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for damage, and change nothing.",
        usage: "varve check [OPTIONS]",
        discussion: """
            Looks whether all that the snapshots need is there. With --read-data every stored byte \
            is read and compared as well; --read-data-subset does so in parts, those checked \
            longest ago first.

              varve check
              varve check --read-data
              varve check --read-data-subset 1/7

            Exit status: 0 nothing is damaged, 20 damage found.
            """)

    @Flag(help: "Read every stored byte.")
    var readData = false

    @Option(
        help: ArgumentHelp(
            "Read some packs, those checked longest ago first: a part such as `1/7`, a percentage "
                + "such as `2.5%`, or a size such as `10G`.", valueName: "amount"))
    var readDataSubset: String?

    @OptionGroup var common: GlobalOptions

    func validate() throws { _ = try selection() }

    func run(_ console: Console) throws {
        let repository = try RepositoryAccess(common.repository).open(fromStorageAlone: true)
        let progress = Progress()
        let printer = CheckPrinter(console, progress)
        let live = try LiveLine.start(progress, console, common.output)
        defer { live?.stop() }
        let report = try repository.check(reading: selection()) { printer.print($0) }
        live?.stop()
        try printer.finish(report)
        if report.isDamaged { throw Failure.reported(Failure.damagedStatus) }
    }

    private func selection() throws -> PackSelection {
        guard let readDataSubset else { return readData ? .all : .none }
        guard !readData else {
            throw ValidationError("--read-data reads everything, and --read-data-subset a part")
        }
        return try Self.selection(readDataSubset)
    }

    static func selection(_ text: String) throws -> PackSelection {
        if text.hasPrefix("1/"), let parts = Int(text.dropFirst(2)), parts > 0 {
            return .part(of: parts)
        }
        if text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent <= 100 {
            return .percent(percent)
        }
        if text.contains("/") {
            throw ValidationError(
                "--read-data-subset takes the packs that were checked longest ago: `1/7` each time")
        }
        guard let bytes = SizeText.bytes(text), bytes > 0 else {
            throw ValidationError(
                "--read-data-subset is a part such as 1/7, a percentage such as 2.5%, or a size "
                    + "such as 10G")
        }
        return .bytes(bytes)
    }
}
