import ArgumentParser
import VarveRepository
import VarveSystem

struct Init: VarveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a repository.",
        usage: "varve init [OPTIONS]",
        discussion: """
            With no key given, a key file is made at $XDG_CONFIG_HOME/varve/keys/REPOSITORY-ID. \
            Whoever has the key can read everything, and without it nothing can be read back: keep \
            a copy elsewhere. There is no repository without encryption.

              varve init
              varve init -r /mnt/backup/varve --key-file /root/varve.key
              varve init -r /mnt/backup/varve --passphrase

            With --like it cuts files as another repository does, so that a `varve sync` from there \
            and snapshots taken here find the same chunks; its keys stay its own.
            """)

    @OptionGroup var common: GlobalOptions

    @Flag(help: "Ask for a passphrase at the terminal.")
    var passphrase = false

    @Option(
        help: ArgumentHelp(
            "Average length of a chunk: a power of two from 16K to 4M.", valueName: "size"))
    var chunkSize: String?

    @Option(
        help: ArgumentHelp(
            "How long `prune` keeps what nothing needs any more, for second thoughts: 7d, 12h.",
            valueName: "time"))
    var gracePeriod = "7d"

    @Option(help: ArgumentHelp("A name for the key, shown by `key list`.", valueName: "text"))
    var label: String?

    @Option(
        help: ArgumentHelp(
            "Cut files as this repository does.", valueName: "repository"),
        completion: .directory)
    var like: String?

    @Option(
        help: ArgumentHelp(
            "File with the key of that repository, if it is another one.", valueName: "file"),
        completion: .file())
    var fromKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "File with the passphrase of that repository.", valueName: "file"),
        completion: .file())
    var fromPassphraseFile: String?

    @Flag(name: [.customShort("n"), .long], help: "Say what would be done, and change nothing.")
    var dryRun = false

    func validate() throws {
        guard like == nil || chunkSize == nil else {
            throw ValidationError("--like says how long chunks are; leave out --chunk-size")
        }
        guard like == nil, fromKeyFile != nil || fromPassphraseFile != nil else { return }
        throw ValidationError("--from-key-file and --from-passphrase-file need --like")
    }

    func run(_ console: Console) throws {
        let access = try RepositoryAccess(common.repository, asking: passphrase)
        var options = CreationOptions()
        if let like {
            let other = try access.beside(
                like, keyFile: fromKeyFile, passphraseFile: fromPassphraseFile)
            let noted = try access.beside(like, nil)
            let isNamed = fromKeyFile != nil || fromPassphraseFile != nil
            // The key that is named is that of the new one.
            let model = try !isNamed && noted.hasNotedKey() ? noted : other
            options = CreationOptions(cuttingLike: try model.open())
        }
        if let chunkSize { options.chunkBytesAverage = try Self.average(chunkSize) }
        guard let seconds = GracePeriod.seconds(gracePeriod) else {
            throw Failure.usage("--grace-period is '\(gracePeriod)'; it is like 7d or 12h")
        }
        options.gracePeriodSeconds = seconds
        options.label = label ?? ""
        guard dryRun else { return try access.create(options).announce(console) }
        try Self.announceDry(access.location, keyFile: try access.rehearseCreation(), console)
    }

    private static func announceDry(_ place: String, keyFile: String?, _ console: Console) throws {
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "initialized", "id": .null, "repository": .text(place),
                "key_file": .optional(keyFile), "dry_run": .flag(true),
            ])
        }
        try console.say("dry run, nothing is changed: would create the repository \(place)")
        if let keyFile { try console.say("  key file  \(keyFile)") }
    }

    private static func average(_ text: String) throws -> Int {
        guard let bytes = SizeText.bytes(text), (16 << 10...4 << 20).contains(bytes),
            bytes.nonzeroBitCount == 1
        else {
            throw Failure.usage("--chunk-size is '\(text)'; it is a power of two from 16K to 4M")
        }
        return bytes
    }
}
