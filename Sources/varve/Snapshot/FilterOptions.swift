import ArgumentParser
import VarveArchive

/// What narrows the snapshots that are meant.
struct FilterOptions: ParsableArguments {
    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("Only snapshots of this host.", valueName: "name"))
    var host: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only snapshots with this tag; TAG,TAG asks for both.", valueName: "tag"))
    var tag: [String] = []

    @Option(
        help: ArgumentHelp("Only snapshots of this source.", valueName: "source"))
    var source: [String] = []

    func validate() throws {
        try EmptyOption.refuse(host, "--host")
        try EmptyOption.refuse(tag, "--tag", separator: ",")
        try EmptyOption.refuse(source, "--source")
    }

    var filter: SnapshotReference.Filter {
        var filter = SnapshotReference.Filter()
        filter.hosts = host
        filter.tags = tag
        // As it is written it may be the name of a stream.
        filter.sources = source + source.map(Places.plain)
        return filter
    }

    /// The options as they were given; empty without any.
    var words: String {
        [("--host", host), ("--tag", tag), ("--source", source)]
            .flatMap { name, values in values.map { "\(name) \(shellWord(Shown.text($0)))" } }
            .joined(separator: " ")
    }

    /// Why none of so many snapshots is meant.
    func mismatch(among count: Int) -> String {
        switch count {
        case 0: "no snapshots yet; take one with `varve snapshot create`"
        case 1: "the only snapshot does not match \(words)"
        default: "none of the \(Amounts.count(count)) snapshots matches \(words)"
        }
    }
}

/// Options whose value cannot be nothing.
enum EmptyOption {
    /// Throws when a value, or with a separator all of its parts, is empty.
    static func refuse(
        _ values: [String], _ option: String, separator: Character? = nil
    ) throws {
        for value in values where value.allSatisfy({ $0 == separator }) {
            throw ValidationError("\(option) is empty")
        }
    }
}
