import ArgumentParser
import VarveArchive
import VarveMaintenance
import VarveRepository
import VarveSystem

struct Repair: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mend what can be mended.",
        discussion: """
            `varve check` says what is damaged. When the repository does not open, begin with `log`; \
            then `index`, `packs` and `snapshots`, in this order. Nothing that may still be of use is \
            removed, each may be interrupted and run again, and one that has nothing to do changes \
            nothing. Copy the repository first if there is room.
            """,
        subcommands: [
            RepairIndex.self, RepairPacks.self, RepairSnapshots.self, RepairLog.self,
        ])
}

/// What the repairs print alike: damage as a check does, a live line, and how it ends.
struct RepairOutput {
    let console: Console
    let progress = Progress()
    private let printer: CheckPrinter

    init(_ console: Console) {
        self.console = console
        printer = CheckPrinter(console, progress)
        Interrupts.install()
    }

    func print(_ event: RepairEvent) {
        switch event {
        case .found(let finding): printer.print(.found(finding))
        case .reading(let bytes): printer.print(.reading(packs: 0, bytes: bytes))
        case .read(let bytes): printer.print(.read(bytes: bytes))
        }
    }

    /// The summary: fields for programs, or lines for people.
    func finish(isDryRun: Bool, _ fields: [(String, JSONValue)], _ lines: [String]) throws {
        guard !console.isJSON else {
            let start: JSONValue = ["message_type": "summary", "dry_run": .flag(isDryRun)]
            return try console.emit(fields.reduce(start) { $0.adding($1.0, $1.1) })
        }
        if isDryRun { try console.say("dry run, nothing is changed") }
        for line in lines { try console.say(line) }
    }
}
