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

    var filter: SnapshotReference.Filter {
        var filter = SnapshotReference.Filter()
        filter.hosts = host
        filter.tags = tag
        filter.sources = source.map {
            $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0
        }
        return filter
    }
}
