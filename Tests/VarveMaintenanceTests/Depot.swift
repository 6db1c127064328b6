import TestSupport
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// A storage with a place for this machine's memory beside it, removed at the end.
final class Depot: Sendable {
    private let scratch: ScratchDirectory
    let storage: any Storage
    private let secret: SlotSecret
    var path: String { scratch.path }

    /// A repository in memory, or in a directory of its own.
    init(inDirectory: Bool = false) throws {
        scratch = try ScratchDirectory()
        storage =
            inDirectory
            ? try DirectoryStorage(path: scratch.path + "/repository", create: true)
            : MemoryStorage()
        secret = .keyFile(try SecretBytes.random(byteCount: 32))
        _ = try Repository.create(
            in: storage, options: CreationOptions(), directories: directories("one")
        ) { _ in secret }
    }

    private func directories(_ machine: String) -> LocalDirectories {
        LocalDirectories(
            cache: path + "/" + machine + "-cache", state: path + "/" + machine + "-state")
    }

    func open(_ other: (any Storage)? = nil, machine: String = "one") throws -> Repository {
        try Repository.open(other ?? storage, secret: secret, directories: directories(machine))
    }
}

extension Repository {
    /// Commits a snapshot of nothing.
    @discardableResult
    func commit(
        at time: Int64 = 1, host: String = "web1", tags: [String] = [],
        origin: SnapshotManifest.Origin? = nil
    ) throws -> SnapshotID {
        guard let id = SnapshotID(randomBytes(SnapshotID.byteCount)) else {
            throw RepositoryError.refused(reason: "no random bytes")
        }
        try WriteSession.run(self) { session in
            let manifest = SnapshotManifest(
                id: id, time: time, host: host, user: "root",
                sources: [.init(kind: .path, name: Array("/srv".utf8))],
                root: .init(content: Content(size: 0, depth: 0, entries: []), entries: 0),
                origin: origin, tags: tags, program: "test")
            let summary = SnapshotSummary(
                time: time, host: host, user: "root", sources: ["/srv"], tags: tags)
            try session.commit(manifest, segments: session.finish(), summary)
        }
        return id
    }

    func entry(_ id: SnapshotID) throws -> RepositoryState.SnapshotEntry {
        guard let entry = state.snapshots.first(where: { $0.id == id }) else {
            throw RepositoryError.notFound("snapshot \(id)")
        }
        return entry
    }
}
