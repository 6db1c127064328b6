import ArgumentParser
import VarveArchive
import VarveCodec
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

    @Option(help: ArgumentHelp("Patterns from a file, one a line.", valueName: "file"))
    var excludeFile: [String] = []

    @Flag(help: "Leave out directories with a CACHEDIR.TAG.")
    var excludeCaches = false

    @Option(
        help: ArgumentHelp("Leave out directories that hold this file.", valueName: "name"))
    var excludeIfPresent: [String] = []

    @Option(
        help: ArgumentHelp("Leave out files over this size, 100M say.", valueName: "size"))
    var excludeLargerThan: String?

    @Flag(name: [.customShort("x"), .long], help: "Stay on the file systems of the sources.")
    var oneFileSystem = false

    private static let fileBytesMax = 16 << 20

    func rules() throws -> ExcludeRules {
        var rules = ExcludeRules()
        for file in excludeFile {
            let text = try File.contents(of: file, limit: Self.fileBytesMax)
            for line in String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
            where !line.hasPrefix("#") {
                rules.add(Self.trimmed(line))
            }
        }
        for pattern in exclude { rules.add(pattern) }
        for pattern in iexclude { rules.add(pattern, ignoringCase: true) }
        rules.caches = excludeCaches
        rules.markers = excludeIfPresent
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

    private static func trimmed(_ line: Substring) -> String {
        var line = line.drop(while: \.isWhitespace)
        while line.last?.isWhitespace == true { line.removeLast() }
        return String(line)
    }
}

/// What a snapshot says of itself.
struct DescriptionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A tag; may be given several times.", valueName: "tag"))
    var tag: [String] = []

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("The host's name, if not this machine's.", valueName: "name"))
    var host: String?

    @Option(help: ArgumentHelp("A sentence about the snapshot.", valueName: "text"))
    var description: String?

    @Option(help: ArgumentHelp("The snapshot's time, if not now.", valueName: "time"))
    var time: String?

    func validate() throws {
        try EmptyOption.refuse(tag, "--tag", separator: ",")
        try EmptyOption.refuse(host.map { [$0] } ?? [], "--host")
    }

    /// Tags, also of those that are given with commas between.
    var tags: [String] {
        tag.flatMap { $0.split(separator: ",").map(String.init) }
    }

    func moment() throws -> Int64 {
        guard let time else { return Clock.wallNanoseconds() }
        guard let moment = TimeText(time)?.moment else {
            throw Failure.usage("--time is '\(time)'; write it like 2026-11-21T10:02:11")
        }
        return moment
    }
}

/// How much work is put into compression.
enum Compression {
    static func level(_ option: String?) throws -> CompressionLevel {
        if let option { return try level(option, from: "--compression") }
        guard let text = try Variables.value("VARVE_COMPRESSION") else { return .standard }
        return try level(text, from: "VARVE_COMPRESSION")
    }

    private static func level(_ text: String, from place: String) throws -> CompressionLevel {
        switch text {
        case "auto": return .standard
        case "off": return .off
        default:
            guard let level = Int(text), CompressionLevel.range.contains(level) else {
                let range = CompressionLevel.range
                throw Failure.usage(
                    "\(place) is '\(text)'; it is \(range.lowerBound) to \(range.upperBound), "
                        + "auto or off")
            }
            return .zstd(level)
        }
    }
}
