import VarveArchive
import VarveSystem

/// A directory among the temporary files for what is restored to be looked at, and removed at the end.
///
/// It is locked as long as it is used. One that nobody has locked is left over from a run that was killed: the
/// next run removes it.
final class ScratchPlace: Sendable {
    /// Open as long as the place is used, for it is the lock.
    private let directory: File
    var path: String { directory.path }

    private static let prefix = "varve-proof-"
    private static let attempts = 16

    /// A directory of mode 0700 that belongs to `owner`, or to this user.
    init(owner: ScratchOwner? = nil) throws {
        let parent = try File.realPath(Environment.value("TMPDIR") ?? "/tmp")
        Self.removeLeftovers(in: parent, owner: owner)
        directory = try Self.make(in: parent)
        try owner?.take(directory)
    }

    private static func make(in parent: String) throws -> File {
        for _ in 0..<attempts {
            let path = parent + "/" + prefix + randomName(byteCount: 6)
            try File.makeDirectory(path)
            // Whoever looks for leftovers may have come in between.
            guard let directory = try? File.openDirectory(path), try directory.tryToLock(),
                (try? File.status(of: path, follow: false)) != nil
            else { continue }
            return directory
        }
        throw SourceError("no directory can be kept among the temporary files in \(parent)")
    }

    deinit { try? Self.remove(directory) }

    private static func removeLeftovers(in parent: String, owner: ScratchOwner?) {
        guard let above = try? File.openDirectory(parent), let names = try? above.entryNames()
        else { return }
        for index in 0..<names.count where names[index].starts(with: prefix.utf8) {
            // Not through a symbolic link, and whose it is is asked of what was opened.
            guard let directory = try? above.openDirectory(names[index]),
                let status = try? directory.status(),
                owner?.isOwn(status.uid) ?? (status.uid == Accounts.currentUser),
                (try? directory.tryToLock()) == true
            else { continue }
            ScratchServer.end(leftIn: directory.path)
            try? remove(directory)
        }
    }

    private static func remove(_ directory: borrowing File) throws {
        try empty(directory)
        try File.removeDirectory(directory.path)
    }

    /// Removes what is in a directory, by its names in it, so that no symbolic link is followed.
    private static func empty(_ directory: borrowing File) throws {
        for entry in try directory.entries() {
            guard entry.kind == .directory else {
                try directory.remove(entry.name)
                continue
            }
            try empty(try directory.openDirectory(entry.name))
            try directory.removeDirectory(entry.name)
        }
    }
}
