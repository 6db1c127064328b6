import VarveFormat

/// Small files of one directory that a worker reads, one after the other.
final class FileBatch: Sendable {
    struct File: Sendable {
        /// Its position among the nodes of the directory.
        var position: Int
        var name: [UInt8]
        /// What the parent snapshot holds under its name.
        var parent: Content?

        /// What `content` is compared with the parent's.
        func change(_ content: Content?) -> ArchiveEvent.Change {
            parent == nil ? .new : parent == content ? .unmodified : .changed
        }
    }

    let directory: PendingDirectory
    let files: [File]

    init(_ directory: PendingDirectory, _ files: [File]) {
        self.directory = directory
        self.files = files
    }
}
