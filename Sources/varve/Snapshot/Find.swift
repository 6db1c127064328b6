import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSources
import VarveSystem

extension Snapshot {
    struct Find: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find entries in snapshots, each version once. (alias: varve find)",
            usage: "varve snapshot find PATTERN... [OPTIONS]",
            discussion: """
                  varve snapshot find '*.csv'
                  varve snapshot find '/srv/app/**' --newer 2026-11-20 --type f
                  varve snapshot find --like ~/report.pdf
                  varve snapshot find core --larger 100M --host web1

                What fits one of the patterns and all conditions is shown with the first and the last \
                snapshot that hold it, and how many do.
                """)

        @Argument(
            help: ArgumentHelp(
                "Names with `*`, `?`, `[a-z]`; paths with `/` in front, and `**`.",
                valueName: "pattern"))
        var patterns: [String] = []

        @Flag(name: .shortAndLong, help: "Upper and lower case are the same.")
        var ignoreCase = false

        @Option(
            name: .customLong("type"),
            help: ArgumentHelp(
                "Only files (f), directories (d), links (l); or p, s, b, c.", valueName: "types"))
        var types: [String] = []

        @Option(help: ArgumentHelp("Only files of more than this: 100M.", valueName: "size"))
        var larger: String?

        @Option(help: ArgumentHelp("Only files of less than this.", valueName: "size"))
        var smaller: String?

        @Option(
            name: [.customShort("O"), .customLong("newer"), .customLong("oldest")],
            help: ArgumentHelp("Only what was changed at this time or later.", valueName: "time"))
        var newer: String?

        @Option(
            name: [.customShort("N"), .customLong("older"), .customLong("newest")],
            help: ArgumentHelp("Only what was changed before, or at, this time.", valueName: "time")
        )
        var older: String?

        @Option(
            help: ArgumentHelp(
                "Only files with the same content as this one of this machine.", valueName: "file"),
            completion: .file())
        var like: [String] = []

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("Look only into this snapshot.", valueName: "ref"))
        var snapshot: [String] = []

        @Flag(name: .shortAndLong, help: "Show mode and owner as well.")
        var long = false

        @OptionGroup var filters: FilterOptions
        @OptionGroup var common: GlobalOptions

        func validate() throws {
            let conditions = [larger, smaller, newer, older].compactMap(\.self) + types + like
            if patterns.isEmpty, conditions.isEmpty {
                throw ValidationError(
                    "nothing says what to find; write a pattern such as '*.csv', or a condition")
            }
        }

        func run(_ console: Console) throws {
            var query = try query()
            let words = try snapshot.map { try ReferenceWords($0) }
            let repository = try RepositoryAccess(common.repository).open()
            Interrupts.install()
            if !like.isEmpty { query.contents = try contents(repository) }
            var entries = repository.state.snapshots.filter(filters.filter.admits)
            if !words.isEmpty {
                let named = Set(try words.map { try $0.snapshot(in: repository, filters).id })
                entries = repository.state.snapshots.filter { named.contains($0.id) }
            }
            guard !entries.isEmpty else {
                let reason = filters.mismatch(among: repository.state.snapshots.count)
                throw RepositoryError.notFound(reason)
            }
            let report = try find(query, in: entries, of: repository)
            try FindSummary(report, isLong: long, console).print()
        }

        private func query() throws -> FindQuery {
            var query = FindQuery()
            for pattern in patterns {
                try query.add(RawText.bytes(pattern), ignoringCase: ignoreCase)
            }
            query.kinds = Set(try types.joined().filter { $0 != "," }.map(Self.kind))
            query.largerThan = try larger.map { try Self.size($0, "--larger") }
            query.smallerThan = try smaller.map { try Self.size($0, "--smaller") }
            query.changedFrom = try newer.map { try Self.time($0, "--newer").first }
            query.changedTo = try older.map { try Self.time($0, "--older").last }
            return query
        }

        private func contents(_ repository: Repository) throws -> [FileContent] {
            var cutting = try LocalCutting(repository, databases: SourceOptions().opening)
            var found: [FileContent] = []
            for file in like {
                let path = RawText.bytes(Places.absolute(file))
                do {
                    found += try cutting.contents(ofFileAt: path)
                } catch let error as SystemError {
                    throw Failure(
                        Failure.failedStatus,
                        "\(Shown.text(file)) cannot be read: \(error.reason)")
                }
            }
            return found
        }

        private static func kind(_ letter: Character) throws -> Node.Kind {
            switch letter {
            case "f": return .file
            case "d": return .directory
            case "l": return .symlink
            case "p": return .fifo
            case "s": return .socket
            case "b": return .blockDevice
            case "c": return .characterDevice
            default:
                throw Failure.usage("--type is '\(letter)'; it is f, d, l, p, s, b or c")
            }
        }

        private static func size(_ text: String, _ option: String) throws -> Int {
            guard let bytes = SizeText.bytes(text) else {
                throw Failure.usage("\(option) is '\(text)'; write a size like 100M")
            }
            return bytes
        }

        private static func time(_ text: String, _ option: String) throws -> TimeText {
            guard let time = TimeText(text) else {
                throw Failure.usage(
                    "\(option) is '\(text)'; write a time like 2026-11-21 or 2026-11-21T10:02")
            }
            return time
        }
    }
}
