import VarveCodec
import VarveFormat
import VarveStorage

/// Manifests in the storage that a lost record may have committed.
///
/// What some record that counts says of is left out: a snapshot that was forgotten, or was committed
/// before the base and is not in its state. So is what is older than the base, which would name it.
struct UnnamedSnapshots {
    private(set) var snapshots: [(manifest: SnapshotManifest, id: ManifestID)] = []

    /// Other manifests of snapshots of the state whose own cannot be read: a lost record may have said
    /// that they were sealed anew.
    private(set) var replacements: [SnapshotID: ManifestID] = [:]

    /// How many cannot be read.
    private(set) var unread = 0

    /// A manifest may have waited so long for its record.
    private static let patienceNanoseconds: Int128 = 3_600_000_000_000

    init(
        _ reader: RecordReader, _ listed: StorageListing, _ state: RepositoryState,
        base: UInt64?, spokenOf: Set<SnapshotID>
    ) throws {
        let live = Set(state.snapshots.map(\.manifest))
        let condemned = Set(state.condemned.compactMap(\.object.manifest))
        let start = base.flatMap { $0 > 0 ? listed.records[$0] : nil }
        let earliest = start.map { Int64(clamping: Int128($0) - Self.patienceNanoseconds) } ?? .min
        let unnamed = Set(
            listed.manifests.filter {
                !live.contains($0.id) && !condemned.contains($0.id) && $0.modified >= earliest
            }.map(\.id))
        var broken = Self.broken(state, reader)
        guard !unnamed.isEmpty || !broken.isEmpty else { return }
        var known = Set(state.snapshots.map(\.id))
        known.formUnion(spokenOf)
        if let base { try known.formUnion(Self.spokenOf(reader, listed, until: base)) }
        // The newest first: a manifest that was sealed anew stands for the one before.
        for (id, _) in listed.manifests.reversed() where !live.contains(id) {
            // Whatever is left of it stands in for one that is broken.
            if let snapshot = broken.isEmpty ? nil : try? Self.manifest(id, reader)?.id,
                broken.remove(snapshot) != nil
            {
                replacements[snapshot] = id
            }
            guard unnamed.contains(id) else { continue }
            guard let manifest = try Self.manifest(id, reader) else {
                unread += 1
                continue
            }
            if known.insert(manifest.id).inserted { snapshots.append((manifest, id)) }
        }
        snapshots.reverse()
    }

    /// The snapshots of `state` whose manifests are missing or cannot be read.
    private static func broken(
        _ state: RepositoryState, _ reader: RecordReader
    ) -> Set<SnapshotID> {
        Set(
            state.snapshots.filter { (try? manifest($0.manifest, reader))?.id != $0.id }.map(\.id))
    }

    /// Every snapshot that a record up to the base commits or forgets: what of it is live, the state
    /// of the base knows.
    private static func spokenOf(
        _ reader: RecordReader, _ listed: StorageListing, until base: UInt64
    ) throws -> Set<SnapshotID> {
        var found: Set<SnapshotID> = []
        for number in listed.records.keys where number <= base {
            found.formUnion(try reader.wholeRecord(number)?.record.event.snapshots ?? [])
        }
        return found
    }

    private static func manifest(
        _ id: ManifestID, _ reader: RecordReader
    ) throws -> SnapshotManifest? {
        do {
            let bytes = try reader.storage.get(
                ObjectName.manifest(id), limit: UnitKind.manifest.bodyLimit + UnitHeader.overhead)
            guard try ManifestID(digestOf: bytes) == id else { return nil }
            var sealer = try UnitSealer(reader.keys.sealing)
            return try SnapshotManifest(json: sealer.open(.manifest, bytes))
        } catch let error as StorageError {
            guard error.isDamage, error.kind != .failed else {
                // Left out it would be lost for good, and perhaps it can be read the next time.
                throw RepositoryError.storage(error)
            }
            return nil
        } catch is SealError {
            return nil
        } catch is FormatError {
            return nil
        }
    }
}

extension LogEvent {
    /// The snapshots that it commits or forgets.
    var snapshots: [SnapshotID] {
        switch self {
        case .commit(let commit): [commit.snapshot]
        case .forget(let ids): ids
        default: []
        }
    }
}
