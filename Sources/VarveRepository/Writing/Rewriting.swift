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
