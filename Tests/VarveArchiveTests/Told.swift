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

    /// What was left out, and why.
    var excluded: [String: String] {
        events.withLock { $0 }.reduce(into: [:]) { found, event in
            if case .excluded(let path, let reason, _) = event { found[path] = reason }
        }
    }

    /// How many files were read.
    var read: Int {
        events.withLock { $0 }.count { if case .file = $0 { true } else { false } }
    }

    var noted: [String] {
        events.withLock { $0 }.compactMap {
            if case .noted(let path, _) = $0 { path } else { nil }
        }
    }
}
