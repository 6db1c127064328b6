import VarveCodec
public import VarveFormat
import VarveStorage

extension Repository {
    /// The manifest of a snapshot that the log names.
    public func manifest(_ entry: RepositoryState.SnapshotEntry) throws -> SnapshotManifest {
        let affects = "snapshot \(entry.id.hex.prefix(8)) cannot be read"
        let manifest = try manifest(entry.manifest, affects: affects)
        guard manifest.id == entry.id else {
            throw RepositoryError.damaged(
                object: ObjectName.manifest(entry.manifest),
                reason: "it is the manifest of another snapshot", affects: affects)
        }
        return manifest
    }

    /// The manifest `id`, of whichever snapshot.
    package func manifest(_ id: ManifestID, affects: String? = nil) throws -> SnapshotManifest {
        let name = ObjectName.manifest(id)
        do {
            let bytes = try storage.get(
                name, limit: UnitKind.manifest.bodyLimit + UnitHeader.overhead)
            guard try ManifestID(digestOf: bytes) == id else {
                throw FormatError.invalid("its content does not fit its name")
            }
            var sealer = try UnitSealer(keys)
            return try SnapshotManifest(json: sealer.open(.manifest, bytes))
        } catch let error as StorageError {
            guard error.kind == .missing || error.kind == .tooLarge else {
                throw RepositoryError.storage(error)
            }
            throw RepositoryError.damaged(object: name, reason: error.reason, affects: affects)
        } catch {
            throw RepositoryError.damaged(object: name, reason: "\(error)", affects: affects)
        }
    }
}
