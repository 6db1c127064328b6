import VarveFormat
import VarveRepository
import VarveStorage

/// Manifests that the log no longer names, or never did, of snapshots whose own cannot be read: what
/// sealed one anew has left the one before.
struct OtherManifests {
    /// Of each of these snapshots, one that says what its own said.
    private(set) var found: [SnapshotID: ManifestID] = [:]
    private let state: RepositoryState

    init(
        _ repository: Repository, _ state: RepositoryState, of unreadable: Set<SnapshotID>
    ) throws {
        self.state = state
        guard !unreadable.isEmpty else { return }
        let entries = state.snapshots.filter { unreadable.contains($0.id) }
        let broken = Dictionary(entries.map { ($0.id, $0) }) { first, _ in first }
        let named = Set(state.snapshots.map(\.manifest))
        var manifests: [SnapshotID: SnapshotManifest] = [:]
        var isAmbiguous: Set<SnapshotID> = []
        for id in try Self.stored(in: repository.storage) where !named.contains(id) {
            guard let manifest = try Self.manifest(id, repository),
                let entry = broken[manifest.id], entry.summary.isOf(manifest)
            else { continue }
            // All say the same, but for one that somebody made up, or that was given up.
            if let known = manifests[manifest.id], known != manifest {
                isAmbiguous.insert(manifest.id)
            }
            manifests[manifest.id] = manifest
            found[manifest.id] = id
        }
        found = found.filter { !isAmbiguous.contains($0.key) }
    }

    /// Seals each anew, and says so in the log; the snapshots that were not forgotten meanwhile.
    func replace(_ repository: Repository) throws -> [SnapshotID] {
        try state.snapshots.filter { entry in
            guard let other = found[entry.id] else { return false }
            return try repository.resealManifest(entry, from: other)
        }.map(\.id)
    }

    private static func stored(in storage: any Storage) throws -> [ManifestID] {
        do {
            return try storage.list(ObjectName.snapshots).compactMap {
                ManifestID(hex: String($0.name.suffix(64)))
            }
        } catch {
            throw RepositoryError.storage(error)
        }
    }

    /// Nil for one that cannot be read, or that names nothing that can.
    private static func manifest(
        _ id: ManifestID, _ repository: Repository
    ) throws -> SnapshotManifest? {
        do {
            let manifest = try repository.manifest(id)
            _ = try manifest.references()
            return manifest
        } catch is FormatError {
            return nil
        } catch {
            // What else ends a check ends this.
            _ = try CheckFinding(error)
            return nil
        }
    }
}

extension SnapshotSummary {
    /// Whether it was made of this manifest; tags and the description may have been said anew.
    fileprivate func isOf(_ manifest: SnapshotManifest) -> Bool {
        var other = SnapshotSummary(manifest)
        (other.tags, other.description) = (tags, description)
        // A record and a manifest round it differently.
        other.durationNanoseconds = durationNanoseconds
        return self == other
    }
}
