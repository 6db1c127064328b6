import ArgumentParser
import VarveCodec
import VarveSystem

/// What a snapshot says of itself besides its time.
struct LabelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A tag; may be given several times.", valueName: "tag"))
    var tag: [String] = []

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("The host's name, if not this machine's.", valueName: "name"))
    var host: String?

    @Option(help: ArgumentHelp("A sentence about the snapshot.", valueName: "text"))
    var description: String?

    func validate() throws {
        try EmptyOption.refuse(tag, "--tag", separator: ",")
        try EmptyOption.refuse(host.map { [$0] } ?? [], "--host")
        try LongOptions.refuse(tag + [host, description].compactMap(\.self))
    }

    /// Tags, also of those that are given with commas between.
    var tags: [String] {
        tag.flatMap { $0.split(separator: ",").map(String.init) }
    }

    var hostName: String { host ?? Environment.hostName() }

    /// Who runs this.
    var userName: String {
        Accounts.userName(Accounts.currentUser) ?? "\(Accounts.currentUser)"
    }
}

/// What a snapshot says of itself.
struct DescriptionOptions: ParsableArguments {
    @OptionGroup var labels: LabelOptions

    @Option(help: ArgumentHelp("The snapshot's time, if not now.", valueName: "time"))
    var time: String?

    func moment() throws -> Int64 {
        guard let time else { return Clock.wallNanoseconds() }
        if let moment = TimeText(time)?.moment { return moment }
        throw Failure.usage(
            TimeText.isBeyond(time)
                ? "--time is '\(time)'; times lie between 1677-09-22 and 2262-04-10"
                : "--time is '\(time)'; write it like 2026-11-21T10:02:11")
    }
}

/// Options that stand in every listing, so that they are bounded together.
enum LongOptions {
    private static let bytesMax = 64 << 10

    /// Throws when the values are longer than a snapshot may say of itself.
    static func refuse(_ values: [String]) throws {
        let bytes = values.reduce(0) { $0 + $1.utf8.count }
        guard bytes <= bytesMax else {
            throw ValidationError(
                "--tag, --host and --description are \(Amounts.bytes(bytes)) together; at most "
                    + "\(Amounts.bytes(bytesMax)) fit into a snapshot")
        }
    }
}

/// How much work is put into compression.
enum Compression {
    static let completion = CompletionKind.list(
        ["auto", "off"] + CompressionLevel.range.map(String.init))

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
