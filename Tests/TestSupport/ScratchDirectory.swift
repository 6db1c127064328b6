public import VarveSystem

/// A directory of a test's own, gone with it.
public final class ScratchDirectory: Sendable {
    public let path: String

    /// Among the temporary files; or in memory, where there is such a place and syncing costs nothing.
    public init(inMemory: Bool = false) throws(SystemError) {
        let memory = Environment.value("TMPDIR_IN_MEMORY") ?? "/dev/shm"
        let isInMemory = inMemory && (try? File.status(of: memory).kind) == .directory
        let parent = isInMemory ? memory : Environment.value("TMPDIR") ?? "/tmp"
        path = parent + "/varve-test-" + randomName()
        try File.makeDirectory(path)
    }

    deinit { removeTree(path) }
}

/// Removes what is at `path` with all that is in it, whatever modes and depths that has, if anything
/// is.
public func removeTree(_ path: String) {
    guard (try? File.status(of: path, follow: false)) != nil else { return }
    // Paths of trees that are very deep are too long for the quick way, and names may not be UTF-8.
    if (try? remove(path)) == nil {
        _ = try? ChildProcess("rm", ["-rf", "--", path]).wait()
    }
}

private func remove(_ path: String) throws(SystemError) {
    guard try File.status(of: path, follow: false).kind == .directory else {
        return try File.remove(path)
    }
    let directory = try File.openDirectory(path)
    for entry in try directory.entries() {
        if entry.kind == .directory {
            try? directory.setMode(entry.name, 0o700)
            try remove(directory.path(of: entry.name))
        } else {
            try directory.remove(entry.name)
        }
    }
    try File.removeDirectory(path)
}
