import Synchronization
import VarveArchive

/// Collects what an observer is told.
final class Told: Sendable {
    private let events = Mutex<[ArchiveEvent]>([])

    var observer: ArchiveObserver { { event in self.events.withLock { $0.append(event) } } }

    var failed: [String] {
        events.withLock { $0 }.compactMap {
            if case .failed(let path, _) = $0 { path } else { nil }
        }
    }

    var failures: [String] {
        events.withLock { $0 }.compactMap {
            if case .failed(let path, let reason) = $0 { "\(path): \(reason)" } else { nil }
        }
    }

    /// What was left out, and why.
    var excluded: [String: String] {
        events.withLock { $0 }.reduce(into: [:]) { found, event in
            if case .excluded(let path, let reason, _) = event { found[path] = reason }
        }
    }

    /// The files that were read.
    var readPaths: [String] {
        events.withLock { $0 }.compactMap {
            if case .file(let path, _, _) = $0 { path } else { nil }
        }
    }

    /// How many files were read.
    var read: Int { readPaths.count }

    var noted: [String] {
        events.withLock { $0 }.compactMap {
            if case .noted(let path, _) = $0 { path } else { nil }
        }
    }
}
