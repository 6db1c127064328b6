import Glibc
import Synchronization
import VarveFormat
import VarveSystem

/// Companions of databases that a restore has written itself, by their paths.
final class RestoredCompanions: Sendable {
    private let paths = Mutex<Set<[UInt8]>>([])

    /// Notes an entry that is about to be restored, if it is one.
    func note(_ name: [UInt8], below directory: TreePath) {
        guard SQLiteCompanion.all.contains(where: { name.suffix($0.count).elementsEqual($0) })
        else { return }
        paths.withLock { _ = $0.insert(TreePath(name, below: directory).bytes) }
    }

    func contains(_ path: TreePath) -> Bool { paths.withLock { $0.contains(path.bytes) } }
}

extension RestoredFile {
    /// Removes what belongs to the database that has this name now: SQLite would play it into the one that is
    /// restored. EBUSY when somebody is using that.
    func removeCompanions() throws(SystemError) {
        guard let parent = directory.file, !directory.traits.isNew else { return }
        if let memory = try? parent.file.openFile(node.name + SQLiteCompanion.sharedMemory),
            try memory.isLocked(byte: SQLiteCompanion.usedByte)
        {
            throw SystemError(.write, path.text, errno: EBUSY)
        }
        for ending in SQLiteCompanion.all {
            let name = node.name + ending
            guard !context.companions.contains(TreePath(name, below: directory.path)),
                try parent.file.find(name)?.kind == .regular
            else { continue }
            try parent.file.remove(name)
        }
    }
}
