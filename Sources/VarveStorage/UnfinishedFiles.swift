import VarveSystem

extension DirectoryStorage {
    /// Removes files without a name that nobody has written to since `time`, in nanoseconds since 1970:
    /// what programs left that were killed.
    ///
    /// Only where such files are large. What cannot be removed is left for the next time.
    public func removeUnfinished(before time: Int64) {
        for name in ["packs", "index", "state", "snapshots"] {
            StorageName.removeTemporaries(in: location + "/" + name, before: time)
        }
    }
}

extension StorageName {
    /// Removes files with temporary names that nobody has written to since `time`.
    static func removeTemporaries(in directory: String, before time: Int64) {
        guard let directory = try? File.openDirectory(directory),
            let entries = try? directory.entries()
        else { return }
        for entry in entries where entry.name.starts(with: temporaryPrefix.utf8) {
            guard let status = try? directory.status(of: entry.name, follow: false),
                status.kind == .regular, status.mtime < time
            else { continue }
            try? directory.remove(entry.name)
        }
    }
}
