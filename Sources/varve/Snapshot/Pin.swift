import ArgumentParser
import VarveFormat

extension Snapshot {
    struct Pin: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep snapshots, whatever `forget` is told.",
            usage: "varve snapshot pin REF... [OPTIONS]",
            discussion: """
                  varve snapshot pin latest
                  varve snapshot pin 5c1f03a9 @2026-11-21
                """)

        @OptionGroup var pins: PinOptions

        var common: GlobalOptions { pins.common }

        func run(_ console: Console) throws {
            try pins.amend(
                console, to: true, done: "is pinned", unchanged: "was pinned already")
        }
    }

    struct Unpin: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let pinned snapshots go when their time has come.",
            usage: "varve snapshot unpin REF... [OPTIONS]",
            discussion: "  varve snapshot unpin 5c1f03a9")

        @OptionGroup var pins: PinOptions

        var common: GlobalOptions { pins.common }

        func run(_ console: Console) throws {
            try pins.amend(
                console, to: false, done: "is pinned no more", unchanged: "was not pinned")
        }
    }
}

/// What pinning and its opposite take.
struct PinOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The snapshots.", valueName: "ref"))
    var references: [String]

    @OptionGroup var filters: FilterOptions

    @Flag(name: [.customShort("n"), .long], help: "Say what would change, and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func amend(_ console: Console, to isPinned: Bool, done: String, unchanged: String) throws {
        let words = try references.map { try ReferenceWords($0) }
        try Amending(common, console, dryRun: dryRun).amend(
            words, filters, done: done, unchanged: unchanged
        ) { $0.isPinned == isPinned ? nil : .pin(isPinned) }
    }
}
