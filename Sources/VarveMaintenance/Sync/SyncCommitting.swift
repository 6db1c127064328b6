import Synchronization
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// What makes it last at a destination.
extension SyncDestination {
    /// Makes durable what was written since the session began, looks at it, and returns the segments
    /// that name it.
    func finish(readsBack: Bool) throws -> [SegmentID] {
        guard let session else { return [] }
        let segments = try session.finish()
        countStored(session)
        try verify(segments, readsBack: readsBack)
        return segments
    }

    /// Names in the log what was written for a snapshot that is not complete yet, so that it is there
    /// after an interruption.
    func name(_ segments: [SegmentID]) throws {
        guard let session else { return }
        try repository.append { _ in
            guard repository.lastUpheaval < session.start.number else {
                throw RepositoryError.overtaken(
                    reason: "something that a copy relies on was removed from "
                        + "\(repository.storage.location) meanwhile; run the command again")
            }
            session.keep()
            return .condemn(Condemnation(objects: [], replacements: segments))
        }
    }

    func commit(
        _ manifest: SnapshotManifest, _ summary: SnapshotSummary, segments: [SegmentID]
    ) throws {
        try session?.commit(
            manifest, segments: segments, summary, relyingSince: relyingSince)
    }

    /// Reads the segments and the packs that they name back, as far as is asked for.
    private func verify(_ segments: [SegmentID], readsBack: Bool) throws {
        let packs = try segments.flatMap { try repository.segment($0).packs }
        let next = Atomic(0)
        let threads = SyncLimits.threads(repository.storage, for: packs.count)
        try WorkerThreads.run(count: threads, name: "verify") { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < packs.count else { return }
                if Interrupts.isRequested { throw RepositoryError.interrupted }
                try expectStored(packs[index])
                if readsBack { try repository.expectWhole(packs[index]) }
            }
        }
    }

    private func expectStored(_ pack: Segment.Pack) throws {
        let name = ObjectName.pack(pack.id, pack.table.contents)
        let found = try repository.tableOfContents(of: name)
        guard found.bytes == pack.bytes, found.table == pack.table else {
            throw RepositoryError.damaged(name, "it is not what was written")
        }
    }
}
