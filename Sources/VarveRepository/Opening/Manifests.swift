import Synchronization
import VarveCodec
public import VarveFormat
import VarveStorage
import VarveSystem

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

    /// The manifests of many snapshots, in their order, read by several threads; where one is damaged, why.
    ///
    /// Throws what is no damage.
    public func manifests(
        _ entries: [RepositoryState.SnapshotEntry]
    ) throws -> [Result<SnapshotManifest, RepositoryError>] {
        let found = Mutex<[Int: Result<SnapshotManifest, RepositoryError>]>([:])
        let next = Atomic(0)
        let threads = max(ReadLimits.threads, storage.connections)
        try WorkerThreads.run(count: max(1, min(threads, entries.count)), name: "manifests") { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < entries.count else { return }
                let manifest: Result<SnapshotManifest, RepositoryError>
                do {
                    manifest = .success(try self.manifest(entries[index]))
                } catch let error as RepositoryError {
                    guard case .damaged = error else { throw error }
                    manifest = .failure(error)
                }
                found.withLock { $0[index] = manifest }
            }
        }
        return found.withLock { found in entries.indices.compactMap { found[$0] } }
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
