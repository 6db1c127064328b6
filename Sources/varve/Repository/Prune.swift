import ArgumentParser
import VarveFormat
import VarveMaintenance
import VarveRepository
import VarveSystem

struct Prune: VarveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Free the room of what no snapshot needs.",
        usage: "varve prune [OPTIONS]",
        discussion: """
            What no snapshot needs is condemned first, and removed by a later prune, when the grace \
            period is over: 7 days, unless `varve init` was told otherwise. Snapshots may be taken \
            and restored meanwhile.

              varve prune -n
              varve prune
              varve prune --now --max-unused 0
            """)

    @Option(
        help: ArgumentHelp(
            "How much may stay unused in packs that are needed otherwise: a percentage of what is "
                + "used, a size, or `unlimited`.", valueName: "amount"))
    var maxUnused = "5%"

    @Option(
        help: ArgumentHelp("Write at most so much anew; the rest is for later.", valueName: "size"))
    var maxRepackSize: String?

    @Flag(
        help: ArgumentHelp(
            "Do not wait for the grace period. Whoever reads a snapshot that is forgotten may fail."
        ))
    var now = false

    @Flag(name: [.customShort("n"), .long], help: "Show what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func validate() throws { _ = try options() }

    func run(_ console: Console) throws {
        let repository = try RepositoryAccess(common.repository).open()
        let summary = PruneSummary(console, repository)
        if dryRun {
            try summary.show(try repository.planPrune(options()))
        } else {
            let report = try repository.prune(options())
            try summary.show(report)
            try summary.end(report)
        }
    }

    private func options() throws -> PruneOptions {
        var options = PruneOptions()
        options.isImmediate = now
        options.unusedMax = try Self.unused(maxUnused)
        if let maxRepackSize {
            guard let bytes = SizeText.bytes(maxRepackSize) else {
                throw ValidationError("--max-repack-size is a size, such as 10G")
            }
            options.rewrittenBytesMax = bytes
        }
        return options
    }

    private static func unused(_ text: String) throws -> PruneOptions.Unused {
        if text == "unlimited" { return .unlimited }
        if text.hasSuffix("%"), let part = Double(text.dropLast()), (0...100).contains(part) {
            return .percent(part)
        }
        guard let bytes = SizeText.bytes(text) else {
            throw ValidationError("--max-unused is 5%, a size such as 1G, or `unlimited`")
        }
        return .bytes(bytes)
    }
}
