import ArgumentParser
import VarveFormat

extension Snapshot {
    struct Describe: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say something about a snapshot, in place of what was said before.",
            usage: "varve snapshot describe REF TEXT [OPTIONS]",
            discussion: """
                  varve snapshot describe latest 'before the move'
                  varve snapshot describe 5c1f03a9 ''
                """)

        @Argument(help: ArgumentHelp("The snapshot.", valueName: "ref"))
        var reference: String

        @Argument(help: ArgumentHelp("The sentence; '' for none.", valueName: "text"))
        var text: String

        @OptionGroup var filters: FilterOptions

        @Flag(name: [.customShort("n"), .long], help: "Say what would change, and change nothing.")
        var dryRun = false

        @OptionGroup var common: GlobalOptions

        func validate() throws { try LongOptions.refuse([text]) }

        func run(_ console: Console) throws {
            let words = try ReferenceWords(reference)
            try Amending(common, console, dryRun: dryRun).amend(
                [words], filters, done: text.isEmpty ? "has no description" : "is described anew",
                unchanged: "is described so already"
            ) { entry in
                guard entry.summary.description != text else { return nil }
                try LongOptions.refuse(entry.summary.tags + [entry.summary.host, text])
                return .description(text)
            }
        }
    }
}
