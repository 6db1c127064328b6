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

    /// Calls `body` with the manifest of each of these snapshots, in their order; where one is damaged, with why.
    ///
    /// Several threads read ahead. Throws what is no damage.
    public func readManifests(
        _ entries: [RepositoryState.SnapshotEntry],
        _ body: (_ index: Int, Result<SnapshotManifest, RepositoryError>) throws -> Void
    ) throws {
        for start in stride(from: 0, to: entries.count, by: ReadLimits.manifestsAtOnce) {
            let batch = entries[start..<min(start + ReadLimits.manifestsAtOnce, entries.count)]
            for (index, manifest) in try manifests(Array(batch)).enumerated() {
                try body(start + index, manifest)
            }
        }
    }

    private func manifests(
        _ entries: [RepositoryState.SnapshotEntry]
    ) throws -> [Result<SnapshotManifest, RepositoryError>] {
        let found = Mutex<[Int: Result<SnapshotManifest, RepositoryError>]>([:])
        let next = Atomic(0)
        let threads = min(max(ReadLimits.threads, storage.connections), entries.count)
        try WorkerThreads.run(count: threads, name: "manifests") { _ in
            while !Interrupts.isRequested {
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
            throw RepositoryError.interrupted
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
