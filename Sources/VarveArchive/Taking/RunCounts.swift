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
        for node in nodes {
            switch node.kind {
            case .file:
                files += 1
                bytes = bytes.addingUpToMax(node.size)
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

    func add(_ change: ArchiveEvent.Change) {
        counts.withLock { counts in
            switch change {
            case .new: counts.filesNew += 1
            case .changed: counts.filesChanged += 1
            case .unmodified: counts.filesUnmodified += 1
            }
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
