import ArgumentParser
import VarveFormat
import VarveRepository

extension Snapshot {
    struct Tags: VarveCommand {
        static let configuration = CommandConfiguration(
            commandName: "tag",
            abstract: "Change the tags of snapshots. (alias: varve tag)",
            usage: "varve snapshot tag --add TAG | --remove TAG | --set TAG REF... [OPTIONS]",
            discussion: """
                  varve snapshot tag --add release,v2 latest
                  varve snapshot tag --remove daily --add monthly 5c1f03a9
                  varve snapshot tag --set '' latest~2
                """)

        @Option(help: ArgumentHelp("Add a tag; TAG,TAG is two.", valueName: "tag"))
        var add: [String] = []

        @Option(help: ArgumentHelp("Take a tag away.", valueName: "tag"))
        var remove: [String] = []

        @Option(
            help: ArgumentHelp("Have this tag in place of all; '' for none.", valueName: "tag"))
        var set: [String] = []

        @Argument(help: ArgumentHelp("The snapshots.", valueName: "ref"))
        var references: [String]

        @OptionGroup var filters: FilterOptions

        @Flag(name: [.customShort("n"), .long], help: "Say what would change, and change nothing.")
        var dryRun = false

        @OptionGroup var common: GlobalOptions

        func validate() throws {
            try EmptyOption.refuse(add, "--add", separator: ",")
            try EmptyOption.refuse(remove, "--remove", separator: ",")
            guard set.isEmpty || add.isEmpty && remove.isEmpty else {
                throw ValidationError("--set stands alone: it replaces all tags")
            }
            guard !(set + add + remove).isEmpty else {
                throw ValidationError("nothing says how: give --add, --remove or --set")
            }
            try LongOptions.refuse(add + set)
        }

        func run(_ console: Console) throws {
            let words = try references.map { try ReferenceWords($0) }
            try Amending(common, console, dryRun: dryRun).amend(
                words, filters, done: "has new tags", unchanged: "has these tags already"
            ) { entry in
                let tags = Self.distinct(changed(entry.summary.tags))
                guard tags != entry.summary.tags else { return nil }
                try LongOptions.refuse(tags + [entry.summary.host, entry.summary.description])
                return .tags(tags)
            }
        }

        private func changed(_ tags: [String]) -> [String] {
            guard set.isEmpty else { return Self.parts(set) }
            let gone = Set(Self.parts(remove))
            return tags.filter { !gone.contains($0) } + Self.parts(add)
        }

        private static func parts(_ options: [String]) -> [String] {
            options.flatMap { $0.split(separator: ",").map(String.init) }
        }

        private static func distinct(_ tags: [String]) -> [String] {
            var known: Set<String> = []
            return tags.filter { known.insert($0).inserted }
        }
    }
}
