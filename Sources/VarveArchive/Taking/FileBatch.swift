import VarveFormat

/// Small files of one directory that a worker reads, one after the other.
final class FileBatch: Sendable {
    struct File: Sendable {
        /// Its position among the nodes of the slice.
        var position: Int
        var name: [UInt8]
        /// The parent snapshot's content under its name.
        var parent: Content?

        /// What `content` is compared with the parent's.
        func change(_ content: Content?) -> ArchiveEvent.Change {
            parent == nil ? .new : parent == content ? .unmodified : .changed
        }
    }

    /// Nil for a source in a directory that may be passed, but not opened.
    let handle: SharedFile?
    let slice: PendingSlice
    let files: [File]

    init(_ handle: SharedFile?, _ slice: PendingSlice, _ files: [File]) {
        self.handle = handle
        self.slice = slice
        self.files = files
    }

    func displayPath(of file: File) -> String { slice.directory.displayPath(of: file.name) }
}
