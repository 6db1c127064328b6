import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository

/// Which snapshots are copied: all, unless something narrows them.
struct SyncChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only this snapshot; may be given several times.", valueName: "ref"))
    var snapshot: [String] = []

    @OptionGroup var filters: ForgetFilters

    @Option(
        help: ArgumentHelp("Only snapshots taken at that time or later.", valueName: "time"))
    var since: String?

    @Option(
        help: ArgumentHelp("Only snapshots taken at that time or earlier.", valueName: "time"))
    var until: String?

    func validate() throws { _ = try admits() }

    /// Those that are named, or all, as far as the filters admit them.
    func snapshots(
        of repository: Repository, _ references: [String]
    ) throws -> [RepositoryState.SnapshotEntry] {
        let admits = try admits()
        guard !references.isEmpty else { return repository.state.snapshots.filter(admits) }
        var entries: [RepositoryState.SnapshotEntry] = []
        for reference in references {
            let entry = try ReferenceWords(reference).snapshot(in: repository, filters.options)
            if !entries.contains(where: { $0.id == entry.id }) { entries.append(entry) }
        }
        return entries.sorted { $0.recordNumber < $1.recordNumber }.filter(admits)
    }

    /// Whether a snapshot is meant by host, tag, source and time.
    func admits() throws -> (RepositoryState.SnapshotEntry) -> Bool {
        let filter = filters.options.filter
        let first = try Self.time(since, "--since")?.first ?? .min
        let last = try Self.time(until, "--until")?.last ?? .max
        return { filter.admits($0) && $0.summary.time >= first && $0.summary.time <= last }
    }

    private static func time(_ text: String?, _ option: String) throws -> TimeText? {
        guard let text else { return nil }
        guard let time = TimeText(text) else {
            throw ValidationError(
                "\(option) is '\(text)'; write a time like 2026-11-21 or 2026-11-21T10:02")
        }
        return time
    }

    /// Why none of so many snapshots is meant.
    func mismatch(among count: Int) -> String {
        guard count > 0, since != nil || until != nil else {
            return filters.options.mismatch(among: count)
        }
        return "none of the \(Amounts.count(count, "snapshot")) is from that time"
    }
}

/// Where the other repositories are, and what opens them.
struct SyncKeys: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Copy from this repository to the one of -r, as `restic copy` does.",
            valueName: "repository"),
        completion: .directory)
    var fromRepo: String?

    @Option(
        help: ArgumentHelp("File with the key of --from-repo.", valueName: "file"),
        completion: .file())
    var fromKeyFile: String?

    @Option(
        name: [.customLong("from-passphrase-file"), .customLong("from-password-file")],
        help: ArgumentHelp("File with the passphrase of --from-repo.", valueName: "file"),
        completion: .file())
    var fromPassphraseFile: String?

    @Option(
        help: ArgumentHelp(
            "File with the key of the destinations; that of this repository unless told.",
            valueName: "file"),
        completion: .file())
    var toKeyFile: String?

    @Option(
        name: [.customLong("to-passphrase-file"), .customLong("to-password-file")],
        help: ArgumentHelp("File with the passphrase of the destinations.", valueName: "file"),
        completion: .file())
    var toPassphraseFile: String?

    func validate() throws {
        guard fromRepo != nil || fromKeyFile == nil && fromPassphraseFile == nil else {
            throw ValidationError("--from-key-file and --from-passphrase-file need --from-repo")
        }
        guard fromRepo == nil || toKeyFile == nil && toPassphraseFile == nil else {
            throw ValidationError("with --from-repo the key of the destination is that of -r")
        }
    }

    /// What opens the destinations; nil when nothing was named for them.
    func destinationSecret() throws -> SecretInput? {
        try SecretInput.named([
            ("--to-key-file", toKeyFile.map(SecretInput.keyFile)),
            ("--to-passphrase-file", toPassphraseFile.map(SecretInput.passphraseFile)),
        ])
    }
}
