import VarveFormat
import VarveRepository

/// A snapshot that somebody looked into.
final class MountedSnapshot: Sendable {
    let id: SnapshotID
    let manifest: SnapshotManifest

    init(_ entry: RepositoryState.SnapshotEntry, _ repository: Repository) throws {
        id = entry.id
        manifest = try repository.manifest(entry)
    }
}
