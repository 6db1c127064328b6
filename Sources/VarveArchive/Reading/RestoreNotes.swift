import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// What a restore has to say at its end, gathered from all of its threads.
final class RestoreNotes: Sendable {
    private struct State {
        var counts = RestoreReport()
        var issues: [Issue] = []
        var skipped: [String] = []
        var kept: [String] = []
        var isDamaged = false
        /// Paths at which the snapshot's entry need not be, once they are asked for.
        var exempt: Set<[UInt8]>?
    }

    private let state = Mutex(State())
    private let observer: ArchiveObserver
    private let progress: Progress

    init(_ observer: @escaping ArchiveObserver, _ progress: Progress) {
        self.observer = observer
        self.progress = progress
    }

    var report: RestoreReport {
        state.withLock { state in
            var report = state.counts
            report.issues = state.issues
            report.skipped = state.skipped
            report.kept = state.kept
            report.isDamaged = state.isDamaged
            return report
        }
    }

    /// From now on, remembers the paths of what is not restored.
    func collectExempt() { state.withLock { $0.exempt = [] } }

    var exempt: Set<[UInt8]> { state.withLock { $0.exempt ?? [] } }

    func count(_ change: (inout RestoreReport) -> Void) {
        state.withLock { change(&$0.counts) }
    }

    /// A kind of thing is left out; said once.
    func skip(_ what: String) {
        state.withLock { state in
            if !state.skipped.contains(what) { state.skipped.append(what) }
        }
    }

    /// A kind of thing is not removed, though the snapshot does not have it; said once.
    func keep(_ what: String) {
        state.withLock { state in
            if !state.kept.contains(what) { state.kept.append(what) }
        }
    }

    /// Something could not be restored as it should.
    func fail(_ bytes: [UInt8], _ reason: String) {
        let path = TreePath.text(bytes)
        state.withLock { state in
            state.issues.append(Issue(path: path, reason: reason))
            state.exempt?.insert(bytes)
        }
        progress.addError()
        observer(.failed(path: path, reason: reason))
    }

    func fail(_ path: TreePath, _ error: SystemError) { fail(path.bytes, error.description) }

    /// Something of the repository is damaged.
    func damaged(_ path: [UInt8], _ error: RepositoryError) {
        state.withLock { $0.isDamaged = true }
        fail(path, error.description)
    }

    /// An entry that is no regular file was dealt with.
    func did(_ action: RestoreAction, _ path: TreePath) {
        exempt(action, path)
        observer(.restored(path: path.text, action: action, bytes: nil))
    }

    /// A regular file was dealt with.
    func did(_ action: RestoreAction, file: RestoredFile) {
        progress.add(files: 1)
        didLink(action, file.path, bytes: file.node.size)
    }

    /// A further name of a regular file was dealt with.
    func didLink(_ action: RestoreAction, _ path: TreePath, bytes: Int) {
        exempt(action, path)
        count { $0.add(action, bytes: bytes) }
        observer(.restored(path: path.text, action: action, bytes: bytes))
    }

    private func exempt(_ action: RestoreAction, _ path: TreePath) {
        if action == .left { state.withLock { _ = $0.exempt?.insert(path.bytes) } }
    }

    func deleted(_ path: [UInt8]) {
        count { $0.deleted += 1 }
        observer(
            .restored(path: TreePath.text(path), action: .deleted, bytes: nil))
    }
}

extension RestoreReport {
    fileprivate mutating func add(_ action: RestoreAction, bytes size: Int) {
        switch action {
        case .created: files += 1
        case .changed: filesChanged += 1
        case .unchanged: filesUnchanged += 1
        case .left: filesLeft += 1
        case .deleted: deleted += 1
        }
        // Sizes come from storage: whatever they add up to, it must not trap.
        if action != .left { bytes &+= size }
    }
}
