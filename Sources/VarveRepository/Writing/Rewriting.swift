import Synchronization
import VarveCodec
package import VarveFormat
import VarveStorage

extension WriteSession {
    /// Puts a segment that names packs of others; with those of `finish` it counts once a record
    /// names it.
    package func put(_ segment: Segment) throws -> SegmentID {
        let id = try repository.put(segment)
        try index.add(segment, id: id)
        return id
    }

    /// From now on a record may name what was written: it is not taken back when the session ends.
    package func keep() { hasTriedCommit.withLock { $0 = true } }
}

extension Repository {
    /// Seals and stores a segment.
    func put(_ segment: Segment) throws -> SegmentID {
        var sealer = try UnitSealer(keys)
        let bytes = try sealer.seal(.segment, body: segment.encoded)
        let id = try SegmentID(digestOf: bytes)
        do {
            try storage.put(ObjectName.segment(id), bytes)
        } catch {
            throw RepositoryError.storage(error)
        }
        return id
    }

    /// The segment with this id, from the storage.
    package func segment(_ id: SegmentID) throws -> Segment { try loadIndex().load(id) }
}

extension Repository {
    /// The epoch that seals now.
    package var epochInForce: EpochID { keys.current }

    /// Seals the manifest of a snapshot anew and says so in the log; false when somebody else did, or
    /// forgot the snapshot.
    ///
    /// Where it cannot be read, `other` stands in for it: another one of the same snapshot.
    package func resealManifest(
        _ entry: RepositoryState.SnapshotEntry, from other: ManifestID? = nil
    ) throws -> Bool {
        var read = entry
        read.manifest = other ?? entry.manifest
        // Damage must show before the log names what was made of it.
        _ = try manifest(read)
        let body = try body(of: .manifest, ObjectName.manifest(read.manifest))
        var put: (epoch: EpochID, id: ManifestID, number: UInt64)?
        let number = try append { state in
            guard
                state.snapshots.contains(where: {
                    $0.id == entry.id && $0.manifest == entry.manifest
                })
            else { return nil }
            // Another rotation may have come in between; and as long as no record names it, a sweep may
            // take it.
            if put?.epoch != keys.current || lastUpheaval >= put?.number ?? 0 {
                let (epoch, id) = try sealManifest(body)
                put = (epoch, id, state.number)
            }
            return put.map { .amend(Amendment(snapshot: entry.id, change: .manifest($0.id))) }
        }
        return number != nil
    }

    /// Stores a manifest; what seals it, and its id.
    func sealManifest(_ body: [UInt8]) throws -> (epoch: EpochID, id: ManifestID) {
        var sealer = try UnitSealer(keys)
        let bytes = try sealer.seal(.manifest, body: body)
        let id = try ManifestID(digestOf: bytes)
        do {
            try storage.put(ObjectName.manifest(id), bytes)
        } catch {
            throw RepositoryError.storage(error)
        }
        return (try UnitHeader(startOf: bytes).epoch, id)
    }
}
