import Glibc
import VarveSystem

/// A walk through a storage's directories.
struct DirectoryListing {
    private let root: String
    private var listing: Listing

    /// Deeper than any name that Varve makes; keeps links that lead in circles from going on for ever.
    private static let depthMax = 16

    init(root: String, after: String?) {
        self.root = root
        listing = Listing(after: after)
    }

    consuming func objects(below prefix: String) throws(StorageError) -> [StoredObject] {
        try StorageError.wrapping(prefix.isEmpty ? root : prefix) { () throws(SystemError) in
            try walk(prefix, depth: 0)
        }
        return listing.sorted()
    }

    /// `prefix` is empty or ends in "/".
    private mutating func walk(_ prefix: String, depth: Int) throws(SystemError) {
        let path = root + "/" + prefix
        if depth > Self.depthMax { throw SystemError(.list, path, errno: ELOOP) }
        let directory: File
        do throws(SystemError) {
            directory = try File.openDirectory(path)
        } catch  where error.isMissing {
            // Nothing was ever put there.
            return
        }
        for entry in try directory.entries() {
            if entry.name.starts(with: StorageName.temporaryPrefix.utf8) { continue }
            // Not an object's: no storage would take such a name.
            if !StorageName.isPlain(entry.name) { continue }
            let name = prefix + String(decoding: entry.name, as: UTF8.self)
            try visit(name, entry, in: directory, depth: depth)
        }
    }

    private mutating func visit(
        _ name: String, _ entry: DirectoryEntry, in directory: borrowing File, depth: Int
    ) throws(SystemError) {
        // Made by the file system, not by us, and closed to most users.
        if name == StorageName.reserve || name == "lost+found" { return }
        if entry.kind == .directory { return try walk(name + "/", depth: depth + 1) }
        if entry.kind == .regular && !listing.wants(name) { return }
        // Removed since the directory was read: then it does not belong into the answer either.
        let found: FileStatus?
        do throws(SystemError) {
            found = try directory.status(of: entry.name, follow: true)
        } catch  where error.isMissing {
            found = nil
        }
        guard let status = found else { return }
        switch status.kind {
        case .directory: try walk(name + "/", depth: depth + 1)
        case .regular where listing.wants(name):
            listing.add(
                StoredObject(name: name, bytes: Int(status.size), modified: status.mtime))
        default: return
        }
    }
}
