import Glibc
import Synchronization
import VarveSystem

/// The directories of a storage: made when needed, with their names synced, once each.
final class DurableDirectories: Sendable {
    private let root: String
    /// Directories, relative to the root, whose own name is known to be on the disk.
    private let known = Mutex<Set<String>>([])

    init(root: String) { self.root = root }

    private func path(_ directory: String) -> String {
        directory == "." ? root : root + "/" + directory
    }

    /// Makes the root and those above it; each new name is synced.
    func makeRoot() throws(SystemError) { try makeDurably(root) }

    private func makeDurably(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            try File.makeDirectory(path)
        } catch  where error.isTaken {
            return
        } catch  where error.isMissing {
            let parent = File.parent(of: path)
            if parent == path || parent == "." { throw error }
            try makeDurably(parent)
            do throws(SystemError) {
                try File.makeDirectory(path)
            } catch  where error.isTaken {}
        }
        try File.syncDirectory(File.parent(of: path))
    }

    /// Makes a directory below the root; the root itself is never made here, so that a storage whose
    /// disk is not mounted stays missing.
    func make(_ directory: String) throws(SystemError) {
        if directory == "." || known.withLock({ $0.contains(directory) }) { return }
        let parent = File.parent(of: directory)
        try make(parent)
        do throws(SystemError) {
            try File.makeDirectory(path(directory))
        } catch  where error.isTaken {}
        // Also when it was there: whoever made it may not have synced its name yet.
        try sync(parent)
        known.withLock { _ = $0.insert(directory) }
    }

    /// Forgets a directory, and all above and below it, that turned out to be gone.
    func forget(_ directory: String) {
        known.withLock { known in
            known = known.filter { !$0.hasPrefix(directory) && !directory.hasPrefix($0) }
        }
    }

    func sync(_ directory: String) throws(SystemError) {
        try File.syncDirectory(path(directory))
    }

    /// Removes the directories that a probe used once they are empty.
    func tidyProbe(_ name: String) {
        guard name.hasPrefix(ProbeReport.prefix) else { return }
        var directory = File.parent(of: name)
        while directory != "." {
            // Refused while it holds anything, and then those above it do too.
            do { try File.removeDirectory(path(directory)) } catch { return }
            forget(directory)
            directory = File.parent(of: directory)
        }
    }
}
