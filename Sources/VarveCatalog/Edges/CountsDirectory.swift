import VarveSystem

/// The directory of an `EdgeCounts`, which one process at a time has for itself.
final class CountsDirectory: Sendable {
    let path: String
    private let lock: File
    private let isTemporary: Bool

    /// The one at `path`; a temporary one beside it while another process has that.
    init(_ path: String) throws(SystemError) {
        try File.makeDirectories(path)
        let lock = try File.createOrTruncate(path + "/lock")
        // The kernel releases it with the process, too.
        if (try? lock.tryToLock()) == true {
            self.path = path
            self.lock = lock
            isTemporary = false
        } else {
            let other = path + "-" + randomName(byteCount: 8)
            try File.makeDirectory(other)
            self.path = other
            self.lock = lock
            isTemporary = true
        }
    }

    deinit {
        if isTemporary {
            removeAll(but: [])
            try? File.removeDirectory(path)
        } else {
            lock.unlock()
        }
    }

    func removeAll(but kept: Set<String>) {
        guard let files = try? File.openDirectory(path), let entries = try? files.entries() else {
            return
        }
        for entry in entries where !kept.contains(String(decoding: entry.name, as: UTF8.self)) {
            try? files.remove(entry.name)
        }
    }
}
