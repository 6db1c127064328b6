import Synchronization
import VarveFormat

/// Where bytes lie in the files with holes or lists of chunks that were read last.
final class RecentFiles: Sendable {
    /// Those that were used last stand last.
    private let files = Mutex<[(place: EntryPlace, bytes: FileBytes)]>([])

    func bytes(of node: Node, at place: EntryPlace) -> FileBytes {
        guard FileBytes.isLong(node) else { return FileBytes(node) }
        return files.withLock { files in
            let known = files.firstIndex { $0.place == place }
            let file = known.map { files.remove(at: $0) } ?? (place: place, bytes: FileBytes(node))
            files.append(file)
            if files.count > MountLimits.mappedFiles { files.removeFirst() }
            return file.bytes
        }
    }
}
