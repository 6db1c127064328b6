import ArgumentParser
import VarveArchive
import VarveFormat
import VarveJobs
import VarveRepository

struct SecretsList: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the secrets by name, where each was, and whether it is here now.",
        usage: "varve secrets list [REF] [OPTIONS]",
        discussion: """
              varve secrets list
              varve secrets list latest --tag job:app --check

            Exit status with --check: 1 when one is missing on this machine.
            """)

    @Argument(help: ArgumentHelp("The snapshot.", valueName: "ref"))
    var reference = "latest"

    @Flag(help: "Fail when a secret is not here.")
    var check = false

    @OptionGroup var filters: FilterOptions
    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let words = try ReferenceWords(reference)
        let repository = try RepositoryAccess(common.repository).open()
        let entry = try words.snapshot(in: repository, filters)
        let secrets = try Self.list(of: entry, repository)?.needed() ?? []
        try show(secrets, entry, console)
        let missing = secrets.filter { !$0.isPresent }
        guard check, !missing.isEmpty else { return }
        throw Failure(
            Failure.failedStatus,
            "\(Amounts.count(missing.count, "secret")) of \(Amounts.count(secrets.count)) "
                + (missing.count == 1 ? "is" : "are") + " not on this machine")
    }

    /// Nil when the snapshot has none.
    private static func list(
        of entry: RepositoryState.SnapshotEntry, _ repository: Repository
    ) throws -> SecretList? {
        var tree = try SnapshotTree(repository, entry)
        guard tree.manifest.sources.contains(where: { $0.kind == .secrets }) else { return nil }
        let path = [SecretList.directory, SecretList.fileName].map { Array($0.utf8) }
        guard let node = try tree.find(path), let content = node.content else { return nil }
        var reader = try ChunkReader(repository)
        let bytes = try reader.bytes(of: content, limit: SecretList.bytesMax)
        guard let list = SecretList(bytes) else {
            throw RepositoryError.damaged(
                "the list of secrets", "it is not as this version wants it")
        }
        return list
    }

    private func show(
        _ secrets: [NeededSecret], _ entry: RepositoryState.SnapshotEntry, _ console: Console
    ) throws {
        guard !console.isJSON else {
            return try console.print(JSONValue.list(secrets.map(Self.json)).line)
        }
        guard !secrets.isEmpty else {
            return try console.say("snapshot \(entry.id.hex.prefix(8)) names no secrets")
        }
        var table = Table([("Secret", .left), ("Where", .left), ("Here", .left)])
        for secret in secrets {
            let place =
                switch secret.place {
                case .environment: "environment"
                case .file(let path): Shown.text(path)
                }
            table.add([
                Shown.text(secret.name ?? ""), place, secret.isPresent ? "yes" : "no",
            ])
        }
        for line in table.lines { try console.print(line) }
    }

    private static func json(_ secret: NeededSecret) -> JSONValue {
        var path: String?
        if case .file(let file) = secret.place { path = file }
        return [
            "name": .optional(secret.name), "kind": path == nil ? "variable" : "file",
            "path": .optional(path), "present": .flag(secret.isPresent),
        ]
    }
}
