import ArgumentParser
import VarveMaintenance
import VarveRepository
import VarveSystem

struct KeyRotate: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Seal with a new key from now on.",
        usage: "varve key rotate [OPTIONS]",
        discussion: """
            Begins an epoch. What was stored before stays readable, and the same passphrases and key \
            files open the repository.

            With --rewrite none begins: what is sealed under older epochs is sealed anew, as a prune \
            does it, and what is left is told. It may be run again until nothing is.

              varve key rotate
              varve key rotate --rewrite --max-repack-size 10G
            """)

    @Flag(help: "Seal anew what older epochs sealed, instead of beginning one.")
    var rewrite = false

    @Option(
        help: ArgumentHelp(
            "With --rewrite, write at most so much; the rest is for later.", valueName: "size"))
    var maxRepackSize: String?

    @Flag(name: [.customShort("n"), .long], help: "Say what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func validate() throws {
        guard rewrite || maxRepackSize == nil else {
            throw ValidationError("--max-repack-size goes with --rewrite")
        }
        _ = try options()
    }

    func run(_ console: Console) throws {
        let repository = try RepositoryAccess(common.repository).open()
        guard !rewrite else { return try rewrite(repository, console) }
        let epochs = try dryRun ? repository.planRotation() : repository.rotateKeys()
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "key_rotated", "epochs": .integer(epochs),
                "dry_run": .flag(dryRun),
            ])
        }
        try console.say(
            dryRun
                ? "dry run, nothing is changed: epoch \(epochs) would begin"
                : "epoch \(epochs) began: what is stored from now on has a new key")
    }

    private func rewrite(_ repository: Repository, _ console: Console) throws {
        let summary = PruneSummary(console, repository)
        guard !dryRun else { return try summary.show(try repository.planPrune(options())) }
        let report = try repository.prune(options())
        try summary.show(report)
        try summary.show(left: try repository.oldEpochs())
        try summary.end(report)
    }

    private func options() throws -> PruneOptions {
        var options = PruneOptions()
        options.reseals = true
        if let maxRepackSize {
            guard let bytes = SizeText.bytes(maxRepackSize) else {
                throw ValidationError("--max-repack-size is a size, such as 10G")
            }
            options.rewrittenBytesMax = bytes
        }
        return options
    }
}
