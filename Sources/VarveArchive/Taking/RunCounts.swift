import Synchronization
import VarveFormat

/// What a snapshot holds, counted by all threads as it comes to be certain.
final class RunCounts: Sendable {
    private let counts = Mutex(SnapshotManifest.Counts())

    var total: SnapshotManifest.Counts { counts.withLock { $0 } }

    /// Counts the nodes of a directory that is stored.
    func add(stored nodes: [Node]) {
        var files = 0
        var directories = 0
        var bytes = 0
        // By index: a copy of each node would cost more than the rest.
        for index in nodes.indices {
            switch nodes[index].kind {
            case .file:
                files += 1
                bytes = bytes.addingUpToMax(nodes[index].size)
            case .directory: directories += 1
            default: break
            }
        }
        counts.withLock { counts in
            counts.files += files
            counts.directories += directories
            counts.others += nodes.count - files - directories
            counts.bytes = counts.bytes.addingUpToMax(bytes)
        }
    }

    func add(_ change: ArchiveEvent.Change, _ count: Int = 1) {
        counts.withLock { counts in
            switch change {
            case .new: counts.filesNew += count
            case .changed: counts.filesChanged += count
            case .unmodified: counts.filesUnmodified += count
            }
        }
    }

    /// Counts what another has counted, but for its errors.
    func add(_ other: RunCounts) {
        let added = other.total
        counts.withLock { counts in
            counts.files += added.files
            counts.directories += added.directories
            counts.others += added.others
            counts.bytes = counts.bytes.addingUpToMax(added.bytes)
            counts.filesNew += added.filesNew
            counts.filesChanged += added.filesChanged
            counts.filesUnmodified += added.filesUnmodified
        }
    }

    func addError() { counts.withLock { $0.errors += 1 } }
}

extension Int {
    /// The sum, or the greatest number when that is less: no file system's claims may trap.
    fileprivate func addingUpToMax(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
