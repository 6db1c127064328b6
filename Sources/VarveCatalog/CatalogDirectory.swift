import VarveFormat
import VarveSystem

/// The files of one catalog: `manifest`, `lock`, and `run-` with 16 digits for each run.
struct CatalogDirectory: Sendable {
    let path: String
    /// Made by this process for itself, because the wanted one could not be made.
    let isTemporary: Bool

    /// Makes the directory if need be; where that fails, a temporary one.
    init(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            try File.makeDirectories(path)
            // A directory that takes no files is of no use, even if it is there.
            _ = try File.createOrTruncate(path + "/lock")
            (self.path, isTemporary) = (path, false)
        } catch {
            let parent = Environment.value("TMPDIR") ?? "/tmp"
            self.path = parent + "/varve-catalog-" + randomName(byteCount: 8)
            isTemporary = true
            try File.makeDirectory(self.path)
        }
    }

    func runPath(_ number: UInt64) -> String { path + "/" + Self.runName(number) }

    private static func runName(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return "run-" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    func createRun(_ number: UInt64) throws(SystemError) -> File {
        do throws(SystemError) {
            return try File.createExclusively(runPath(number))
        } catch  where error.isMissing {
            // Somebody deleted the whole directory, which they may.
            try File.makeDirectories(path)
            return try File.createExclusively(runPath(number))
        }
    }

    func removeRun(_ number: UInt64) { try? File.remove(runPath(number)) }

    /// Nil when there is none, or none that can be believed.
    func readManifest(of repository: RepositoryID) -> CatalogManifest? {
        let limit = CatalogManifest.byteCountMax
        guard let bytes = try? File.contents(of: path + "/manifest", limit: limit) else {
            return nil
        }
        return CatalogManifest(decoding: bytes, repository: repository)
    }

    /// Puts the manifest in force. Nothing is synced: what a crash tears, a digest does not match.
    func write(_ manifest: CatalogManifest) throws(SystemError) {
        let file = try File.createOrTruncate(path + "/manifest.new")
        try file.write(manifest.encode())
        try file.close()
        try File.rename(path + "/manifest.new", to: path + "/manifest")
    }

    /// Removes all files but the lock, and the runs and the manifest of `kept`.
    func removeStrays(keeping kept: CatalogManifest?) {
        var names: Set<String> = ["lock"]
        if let kept { names.formUnion(kept.rows.map { Self.runName($0.number) } + ["manifest"]) }
        guard let directory = try? File.openDirectory(path),
            let entries = try? directory.entries()
        else { return }
        for entry in entries {
            let name = String(decoding: entry.name, as: UTF8.self)
            guard name.hasPrefix("run-") || name.hasPrefix("manifest") else { continue }
            if !names.contains(name) { try? directory.remove(entry.name) }
        }
    }

    /// Removes the directory and all files of the catalog in it.
    func removeAll() {
        removeStrays(keeping: nil)
        try? File.remove(path + "/lock")
        try? File.removeDirectory(path)
    }

    /// Runs `body` with the right to change the catalog, or without when another process has it.
    func withLock<Answer, Failure: Error>(
        _ body: (_ isLocked: Bool) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        guard (try? File.makeDirectories(path)) != nil,
            let file = try? File.createOrTruncate(path + "/lock")
        else { return try body(false) }
        // The kernel releases the lock with the process, too.
        let isLocked = (try? file.tryToLock()) == true
        defer { if isLocked { file.unlock() } }
        return try body(isLocked)
    }
}
