import Synchronization
import VarveArchive

/// What a restore would change or remove of what is there, a line for each.
final class AffectedEntries: Sendable {
    private let found = Mutex<[String]>([])

    func note(_ event: ArchiveEvent) {
        guard case .restored(let path, let action, _) = event,
            action == .changed || action == .deleted
        else { return }
        let word = action == .changed ? "overwrites" : "removes"
        found.withLock { $0.append("\(word)  \(Shown.text(path))") }
    }

    var lines: [String] { found.withLock { $0 } }
}
