import TestSupport
import VarveArchive
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
public import VarveSources
import VarveStorage

/// A repository in memory, and a directory for a test's own files.
struct RepositoryBox: Sendable {
    let repository: Repository
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
        let secret = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        repository = try Repository.create(
            in: MemoryStorage(), options: CreationOptions(),
            directories: LocalDirectories(
                cache: scratch.path + "/cache", state: scratch.path + "/state"),
            secret: { _ in secret })
    }

    func path(_ name: String) -> String { scratch.path + "/" + name }

    var newest: RepositoryState.SnapshotEntry {
        get throws {
            try repository.refresh()
            return try SnapshotReference(choice: .latest(back: 0)).resolve(
                repository.state.snapshots)
        }
    }
}

extension ProofQuestions.Assertion: ExpressibleByStringLiteral {
    public init(stringLiteral query: String) { self.init(query) }
}
