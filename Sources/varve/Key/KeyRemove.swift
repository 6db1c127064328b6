import ArgumentParser
import VarveCodec
import VarveFormat
import VarveRepository

struct KeyRemove: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Let a key open the repository no more.",
        usage: "varve key remove ID [OPTIONS]",
        discussion: """
            The key in use cannot be removed: give one that stays. Whoever had the key and a copy of \
            the repository can still read that copy; who may have copied the key itself, too, can read \
            what is stored later, unless it is removed with --compromised.

            With --compromised, what every key protects is replaced, and an epoch begins. The \
            other keys are kept if they are given, or asked for; the one in use is. What is not given \
            goes, too.

              varve key list
              varve key remove 1f3a9c20
              varve key remove 1f3a9c20 --compromised --keep-key-file /root/second.key
            """)

    @Argument(help: ArgumentHelp("The key's id, or the start of it.", valueName: "id"))
    var id: String

    @Flag(help: "Somebody else may have the key: replace what all keys protect.")
    var compromised = false

    @Option(
        help: ArgumentHelp(
            "With --compromised, a key file that is to go on opening the repository; may be repeated.",
            valueName: "file"),
        completion: .file())
    var keepKeyFile: [String] = []

    @Option(
        help: ArgumentHelp(
            "The same with a file that holds a passphrase.", valueName: "file"),
        completion: .file())
    var keepPassphraseFile: [String] = []

    @Flag(help: "With --compromised, do not ask about keys that go, too.")
    var yes = false

    @Flag(name: [.customShort("n"), .long], help: "Say what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func validate() throws {
        guard compromised || keepKeyFile.isEmpty && keepPassphraseFile.isEmpty && !yes else {
            throw ValidationError(
                "--keep-key-file, --keep-passphrase-file and --yes go with --compromised")
        }
    }

    func run(_ console: Console) throws {
        let (repository, inUse) = try RepositoryAccess(common.repository).openWithSecret(
            isDryRun: dryRun)
        let slot = try slot(in: repository)
        guard compromised else {
            try repository.removeSlot(slot)
            guard dryRun else { return try KeyChange.announce("removed", slot, console) }
            return try KeyChange.announceDry(
                "removed", id: slot, "would remove key \(slot.hex.prefix(8))", console)
        }
        let kept =
            try keepKeyFile.map { try SecretInput.keyFile($0).read() }
            + keepPassphraseFile.map { try SecretInput.passphraseFile($0).read() }
        try CompromisedKey(repository, inUse, console, isDryRun: dryRun)
            .replace(slot, keeping: kept, asking: !yes)
    }

    private func slot(in repository: Repository) throws -> SlotID {
        let found = try repository.listSlots().whole.filter { $0.id.hex.hasPrefix(id) }
        guard !id.isEmpty, let slot = found.first else {
            throw RepositoryError.notFound("there is no key '\(id)'; `varve key list` shows them")
        }
        guard found.count == 1 else {
            throw RepositoryError.notFound("'\(id)' is the start of several keys; write more of it")
        }
        return slot.id
    }
}
