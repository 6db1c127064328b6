import Synchronization
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// When snapshots were committed where they were taken, and who vouches for their times then.
///
/// So a copy is judged alike before it is made, right after, and a year later.
struct Commits {
    struct Commit: Sendable {
        var snapshot: JudgedSnapshot
        /// Nanoseconds since 1970; nil when nothing says so.
        var time: Int64?
    }

    private(set) var all: [Commit] = []

    /// Reads the manifest of each; `areCopies` when they are about to be copied from `repository`.
    init(
        _ entries: [RepositoryState.SnapshotEntry], of repository: Repository,
        _ dating: SnapshotDating, areCopies: Bool = false
    ) throws {
        let found = Mutex([Commit?](repeating: nil, count: entries.count))
        let next = Atomic(0)
        let threads = SyncLimits.threads(repository.storage, for: entries.count)
        try WorkerThreads.run(count: threads, name: "origins") { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < entries.count else { return }
                let entry = entries[index]
                let origin = try Self.origin(of: entry, in: repository)
                let time = origin?.commitTime ?? dating.vouchedTime(entry)
                let snapshot = dating.judge(
                    entry, committed: time, isCopy: areCopies || origin != nil)
                found.withLock { $0[index] = Commit(snapshot: snapshot, time: time) }
            }
        }
        all = found.withLock { $0.compactMap(\.self) }
    }

    /// None of a snapshot whose manifest cannot be read.
    private static func origin(
        of entry: RepositoryState.SnapshotEntry, in repository: Repository
    ) throws -> SnapshotManifest.Origin? {
        do {
            return try repository.manifest(entry).origin
        } catch RepositoryError.damaged {
            return nil
        }
    }

    /// The snapshots, numbered as if all had been committed in one place.
    static func inOrder(_ commits: [Commit]) -> [JudgedSnapshot] {
        let ordered = commits.sorted {
            ($0.time ?? .min, $0.snapshot.entry.recordNumber)
                < ($1.time ?? .min, $1.snapshot.entry.recordNumber)
        }
        return ordered.enumerated().map { index, commit in
            var snapshot = commit.snapshot
            snapshot.entry.recordNumber = UInt64(index) + 1
            return snapshot
        }
    }
}
