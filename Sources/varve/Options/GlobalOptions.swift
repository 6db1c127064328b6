import ArgumentParser

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @OptionGroup(title: "Repository and key") var repository: RepositoryOptions
    @OptionGroup(title: "Output") var output: OutputOptions
}

struct RepositoryOptions: ParsableArguments {
    @Option(
        name: [.customShort("r"), .customLong("repository"), .customLong("repo")],
        help: ArgumentHelp(
            "Directory of the repository, or s3:https://ENDPOINT/BUCKET/PREFIX (VARVE_REPOSITORY).",
            valueName: "place"),
        completion: .directory)
    var repository: String?

    @Option(
        help: ArgumentHelp("File with the key (VARVE_KEY_FILE).", valueName: "file"),
        completion: .file())
    var keyFile: String?

    @Option(
        name: [
            .customShort("p"), .customLong("passphrase-file"), .customLong("password-file"),
        ],
        help: ArgumentHelp(
            "File with the passphrase (VARVE_PASSPHRASE_FILE).", valueName: "file"),
        completion: .file())
    var passphraseFile: String?

    @Option(
        name: [.customLong("passphrase-command"), .customLong("password-command")],
        help: ArgumentHelp(
            "Shell command that prints the passphrase (VARVE_PASSPHRASE_COMMAND).",
            valueName: "command"))
    var passphraseCommand: String?

    @Option(
        help: ArgumentHelp(
            "Directory for what can be made again (VARVE_CACHE_DIR).", valueName: "directory"),
        completion: .directory)
    var cacheDir: String?

    @OptionGroup var storage: StorageOptions
}

struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, for programs.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print results and errors only.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Print more.")
    var verbose = false

    @Flag(help: "Show no live line.")
    var noProgress = false

    var verbosity: Console.Verbosity { quiet ? .quiet : verbose ? .verbose : .normal }

    func validate() throws {
        if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other") }
    }
}
