public import VarveArchive
import VarveSources
import VarveSystem

extension Job {
    /// All that a snapshot of the job is taken of. What cannot be named or read of it fails by itself.
    ///
    /// `list` is that of its secrets, and `unread` the files among these of which no name could be taken.
    /// Programs that are started are noted in `running`.
    public func snapshotSources(
        in directory: String, _ list: SecretList, unread: [(path: String, reason: String)],
        running: RunningCommands
    ) throws -> [SnapshotSource] {
        var paths: [[UInt8]] = []
        var trees: [any VirtualTree] = []
        func fail(_ name: String, _ reason: String) {
            trees.append(UnavailableTree(name: name, number: trees.count, reason: reason))
        }
        for source in sources {
            switch source {
            case .path(let path): paths.append(RawText.bytes(path))
            case .command(let command):
                trees.append(
                    CommandTree(command: command, directory: directory, running: running))
            case .word(let word):
                guard !readsSecrets(word) else {
                    fail(word, "it is a file of secrets, of which only names are kept")
                    continue
                }
                do {
                    guard case .trees(let found) = try SourceWord(word, databases) else {
                        paths.append(RawText.bytes(word))
                        continue
                    }
                    trees += found
                } catch {
                    fail(word, "\(error)")
                }
            }
        }
        for (path, reason) in unread { fail("secrets of \(path)", reason) }
        if !list.isEmpty { trees.append(try SecretsTree(list)) }
        return (paths.isEmpty ? [] : [.tree(paths)]) + trees.map(SnapshotSource.virtual)
    }
    /// Whether a word such as `json:/x/y` names a file of secrets, by whatever path.
    private func readsSecrets(_ word: String) -> Bool {
        let path = String(word.drop { $0 != ":" }.dropFirst())
        guard path.hasPrefix("/"), let found = try? File.status(of: path) else { return false }
        return secrets.contains { secret in
            guard let status = try? File.status(of: secret.path) else { return false }
            return status.device == found.device && status.inode == found.inode
        }
    }
}
