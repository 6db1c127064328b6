import VarveSystem

extension DirectoryStorage {
    /// Removes files without a name that nobody has written to since `time`, in nanoseconds since 1970:
    /// what programs left that were killed.
    ///
    /// Only where such files are large. What cannot be removed is left for the next time.
    public func removeUnfinished(before time: Int64) {
        for name in ["packs", "index", "state", "snapshots"] {
            guard let directory = try? File.openDirectory(location + "/" + name),
                let entries = try? directory.entries()
            else { continue }
            for entry in entries where entry.name.starts(with: StorageName.temporaryPrefix.utf8) {
                guard let status = try? directory.status(of: entry.name, follow: false),
                    status.kind == .regular, status.mtime < time
                else { continue }
                try? directory.remove(entry.name)
            }
        }
    }
}
