import VarveCodec
public import VarveFormat
import VarveStorage

extension Repository {
    /// The manifest of a snapshot that the log names.
    public func manifest(_ entry: RepositoryState.SnapshotEntry) throws -> SnapshotManifest {
        let name = ObjectName.manifest(entry.manifest)
        let affects = "snapshot \(entry.id.hex.prefix(8)) cannot be read"
        do {
            let bytes = try storage.get(
                name, limit: UnitKind.manifest.bodyLimit + UnitHeader.overhead)
            guard try ManifestID(digestOf: bytes) == entry.manifest else {
                throw FormatError.invalid("its content does not fit its name")
            }
            var sealer = try UnitSealer(keys)
            let manifest = try SnapshotManifest(json: sealer.open(.manifest, bytes))
            guard manifest.id == entry.id else {
                throw FormatError.invalid("it is the manifest of another snapshot")
            }
            return manifest
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
