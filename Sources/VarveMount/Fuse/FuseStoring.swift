import CFuse
import Synchronization

/// Puts the files that will be asked for next into the kernel's cache, so that it need not ask for each.
///
/// A request costs several switches between processes, which is more than reading a small file does.
final class FuseStoring: Sendable {
    /// Unchecked: libfuse lets several threads use a session at once.
    private struct Target: @unchecked Sendable {
        var session: FuseLibrary.Session
        var library: FuseLibrary
    }

    private let target = Mutex<Target?>(nil)
    private let order = Mutex(ReadingOrder())
    /// Held by the one thread that stores. It may wait for a page that another thread is to fill; were all
    /// to wait, nobody would be left to do so.
    private let isStoring = Mutex(())

    /// From now on files are stored in this session.
    func begin(_ session: FuseLibrary.Session, _ library: FuseLibrary) {
        target.withLock { $0 = Target(session: session, library: library) }
    }

    /// Stores what follows a file of which the first bytes are asked for, before these are answered.
    func store(behind number: FileNumber, _ files: FileSystem) {
        guard case .entry(let place) = number.place else { return }
        let count = order.withLock { $0.asked(for: place) }
        guard count > 0, let target = target.withLock({ $0 }) else { return }
        isStoring.withLockIfAvailable { _ in
            let last = files.filesBehind(place, count: count) { number, bytes in
                // Refused for what the kernel has not looked up.
                varve_fuse_store(
                    target.library.store, target.session, number.rawValue, bytes.baseAddress,
                    bytes.count) == 0
            }
            if let last { order.withLock { $0.handedOver(to: last) } }
        }
    }
}
