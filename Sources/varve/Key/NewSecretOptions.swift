import ArgumentParser
import VarveCodec

/// The secret of a slot to be made.
struct NewSecretOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A key file; made if it does not exist.", valueName: "file"),
        completion: .file())
    var newKeyFile: String?

    @Option(
        name: [.customLong("new-passphrase-file"), .customLong("new-password-file")],
        help: ArgumentHelp("A file with the new passphrase.", valueName: "file"),
        completion: .file())
    var newPassphraseFile: String?

    @Option(
        help: ArgumentHelp(
            "A shell command that prints the new passphrase.", valueName: "command"))
    var newPassphraseCommand: String?

    @Option(help: ArgumentHelp("A name for the key, shown by `key list`.", valueName: "text"))
    var label: String?

    /// What the options name, or else a question at the terminal.
    func input() throws -> SecretInput {
        try SecretInput.named([
            ("--new-key-file", newKeyFile.map(SecretInput.keyFile)),
            ("--new-passphrase-file", newPassphraseFile.map(SecretInput.passphraseFile)),
            ("--new-passphrase-command", newPassphraseCommand.map(SecretInput.passphraseCommand)),
        ]) ?? .prompt
    }
}
