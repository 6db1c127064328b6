import ArgumentParser
import VarveArchive
import VarveSystem

/// What is left out of a snapshot.
struct ExcludeOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Leave out what matches; `*`, `?`, `**`, `!` takes back.", valueName: "pattern"))
    var exclude: [String] = []

    @Option(
        help: ArgumentHelp("The same, whether upper or lower case.", valueName: "pattern"))
    var iexclude: [String] = []

    @Option(
        help: ArgumentHelp("Patterns from a file, one a line.", valueName: "file"),
        completion: .file())
    var excludeFile: [String] = []

    @Option(
        help: ArgumentHelp("The same, whether upper or lower case.", valueName: "file"),
        completion: .file())
    var iexcludeFile: [String] = []

    @Flag(help: "Leave out what directories with a CACHEDIR.TAG hold.")
    var excludeCaches = false

    @Option(
        help: ArgumentHelp(
            "Leave out what directories hold beside this file, which begins with the header.",
            valueName: "name[:header]"))
    var excludeIfPresent: [String] = []

    @Option(
        help: ArgumentHelp("Leave out files over this size, 100M say.", valueName: "size"))
    var excludeLargerThan: String?

    @Flag(name: [.customShort("x"), .long], help: "Stay on the file systems of the sources.")
    var oneFileSystem = false

    /// What a command line says comes behind what files say, so that it can take back.
    func rules() throws -> ExcludeRules {
        var rules = ExcludeRules()
        for file in excludeFile { try Self.add(file, ignoringCase: false, to: &rules) }
        for file in iexcludeFile { try Self.add(file, ignoringCase: true, to: &rules) }
        for pattern in exclude { try rules.add(RawText.bytes(pattern)) }
        for pattern in iexclude {
            try rules.add(
                RawText.bytes(pattern), ignoringCase: true, from: .option("--iexclude"))
        }
        if excludeCaches { rules.markers.append(.cacheTag) }
        for text in excludeIfPresent { rules.markers.append(try Self.marker(text)) }
        rules.oneFileSystem = oneFileSystem
        if let excludeLargerThan {
            guard let bytes = SizeText.bytes(excludeLargerThan) else {
                throw Failure.usage(
                    "--exclude-larger-than is '\(excludeLargerThan)'; write a size like 100M")
            }
            rules.bytesMax = bytes
        }
        return rules
    }

    private static func add(
        _ path: String, ignoringCase: Bool, to rules: inout ExcludeRules
    ) throws {
        let file = try PatternFile(path)
        for line in file.lines {
            try rules.add(
                line.pattern, ignoringCase: ignoringCase,
                from: .line(line.number, file: file.name))
        }
    }

    private static func marker(_ text: String) throws -> ExcludeMarker {
        guard let marker = ExcludeMarker(text) else {
            throw Failure.usage(
                "--exclude-if-present is '\(text)'; it is a file name, or a name, a colon and what "
                    + "the file begins with")
        }
        return marker
    }
}
