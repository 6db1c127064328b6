import VarveFormat
import VarveRepository
import VarveSystem

/// One run of restoring: walks the tree, makes directories, and gathers files until there are enough
/// to read their chunks in the order in which they are stored.
///
/// `RestoreDirectories.swift` goes in and out of directories, `RestoreFiles.swift` deals with the rest.
final class RestoreRun {
    /// One directory, in the snapshot and, once something in it is selected, in the target.
    struct Level {
        /// Nil for the target itself, unless it gets the attributes of what is restored into it.
        var node: Node?
        var cursor: DirectoryCursor
        var path: TreePath
        /// Whether all in it is included, unless it is excluded.
        var isIncluded: Bool
        /// Whether what the snapshot does not have may be removed.
        var deletes: Bool
        /// Whether the snapshot may lack something that was in it.
        var isPartial: Bool
        /// Whether nothing may be removed from it or from what is below, whatever the snapshot has.
        var isSpared = false
        /// The file system; nil while the directory is not opened.
        var device: UInt64?
        var traits: RestoredDirectory.Traits?
        /// What was there, before anything was changed.
        var before: FileStatus?
        /// Whether its owner, who restores, had shut it, and it is open for the time of that.
        var wasShut = false
        /// Names in it that the snapshot did not show; nil when none may be removed.
        var strangers: Set<[UInt8]>?
        /// As long as nothing further down was visited.
        var directory: RestoredDirectory?
        /// Whether the directory is there.
        var isOpen = false
    }

    /// A directory that is filled but for files that are still gathered.
    struct Filled {
        /// Nil for a target that keeps its attributes.
        var node: Node?
        var directory: SharedFile
        var path: TreePath
        /// What it lies in.
        var above: EntryIdentity?
        var before: FileStatus?
        var wasShut: Bool
        var isIncluded: Bool
        /// Names that the snapshot does not have, and that may be removed.
        var strangers: Set<[UInt8]>
    }

    let repository: Repository
    let context: RestoreContext
    let selection: RestoreSelection
    let progress: Progress
    /// Nil in a dry run without a target.
    let target: SharedFile?
    /// Whether the target becomes what the directory is that is restored into it: when it was made for
    /// that.
    var givesTargetAttributes = false
    var owners: Owners
    var levels: [Level] = []
    /// How many of the levels are made or found, or known to be missing in a dry run.
    var resolved = 1
    var open: DirectoryPath?
    var filled: [Filled] = []
    var window: RestoreWindow
    var links = RestoreLinks()
    /// Files that have to be gathered again, to be written as a whole.
    var again: [RestoredFile] = []
    /// A directory on each file system that is written to, by device.
    var fileSystems: [UInt64: SharedFile] = [:]
    /// Whether a window was written since it was looked whether the directories are in their places.
    var hasWritten = false
    /// Directories that gathered files may hold open.
    var directoriesHeld = 0

    init(
        _ repository: Repository, _ options: RestoreOptions, _ selection: RestoreSelection,
        _ context: RestoreContext, target: SharedFile?, _ progress: Progress
    ) {
        self.repository = repository
        self.context = context
        self.selection = selection
        self.target = target
        self.progress = progress
        window = RestoreWindow(context.window)
        owners = Owners(options, context.notes)
    }

    var notes: RestoreNotes { context.notes }

    /// Restores an entry, or all that is in a directory; in the root without one.
    func restore(_ node: Node?, _ tree: inout SnapshotTree) throws {
        do {
            if let node, node.kind != .directory {
                try restore(alone: node, &tree)
            } else {
                try restore(contentsOf: tree.content(of: node), of: node, &tree)
            }
        } catch {
            // A long file may be half written.
            for file in window.files + again { file.giveUp() }
            shutAgain()
            throw error
        }
        if context.syncs { sync() }
    }

    /// What the kernel could not write shows up here, and nowhere else.
    private func sync() {
        for directory in fileSystems.values {
            do throws(SystemError) {
                try directory.file.syncFileSystem()
            } catch {
                notes.fail(TreePath(), error)
            }
        }
    }

    private func restore(
        contentsOf content: Content, of node: Node?, _ tree: inout SnapshotTree
    ) throws {
        try start(
            DirectoryCursor(content), givesTargetAttributes ? node : nil,
            isPartial: node?.isPartial ?? tree.manifest.root.isPartial)
        while let top = levels.indices.last {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            if let node = try next(&tree.reader) {
                try take(node, &tree.reader)
            } else {
                try leave(top)
            }
            if isFull { try flush(&tree.reader) }
            if hasWritten { try leaveMoved() }
        }
        try flush(&tree.reader)
    }

    private func restore(alone node: Node, _ tree: inout SnapshotTree) throws {
        try start(DirectoryCursor(.empty), isPartial: true)
        try take(node, &tree.reader)
        let level = levels[0]
        levels = []
        defer {
            if level.wasShut, let before = level.before {
                try? target?.file.setMode(before.mode)
            }
        }
        try flush(&tree.reader)
    }

    private func start(
        _ cursor: DirectoryCursor, _ node: Node? = nil, isPartial: Bool
    ) throws {
        var first = Level(
            node: node, cursor: cursor, path: TreePath(), isIncluded: selection.includesAll,
            deletes: selection.isTargetBelowSource, isPartial: isPartial)
        do throws(SystemError) {
            if let target {
                open = try DirectoryPath(target, openMax: RestoreLimits.directoriesOpen)
                let status = try target.file.status()
                if node == nil, try target.file.makeAccessible(status) {
                    (first.before, first.wasShut) = (status, true)
                }
                try found(&first, target, status, below: nil)
            } else {
                missing(&first)
            }
        } catch {
            throw ArchiveError.target(path: "/", reason: error.reason)
        }
        levels = [first]
    }

    private func next(_ reader: inout ChunkReader) throws -> Node? {
        let top = levels.count - 1
        do {
            return try levels[top].cursor.next(&reader)
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            notes.damaged(levels[top].path.bytes, error)
            // Nobody knows what else the snapshot has in it.
            levels[top].strangers = nil
            return nil
        }
    }

    private func take(_ node: Node, _ reader: inout ChunkReader) throws {
        let top = levels.count - 1
        if let exempt = context.exempt {
            let path = levels[top].path.bytes + [UInt8(ascii: "/")] + node.name
            if exempt.contains(path) || node.kind != .file && node.kind != .directory { return }
        }
        levels[top].strangers?.remove(node.name)
        var isIncluded = levels[top].isIncluded
        var deletes = levels[top].deletes
        if !selection.isEverything || !deletes && selection.hasSources {
            let path = selection.absolute(
                levels[top].path.bytes + [UInt8(ascii: "/")] + node.name)
            if selection.excludes(path) { return }
            isIncluded = isIncluded || selection.includes(path)
            deletes = deletes || selection.isSource(path)
        }
        if node.kind == .directory {
            try enter(node, isIncluded: isIncluded, deletes: deletes)
        } else if isIncluded, let directory = try currentDirectory() {
            try make(node, in: directory, &reader)
        }
    }

    private var isFull: Bool {
        window.isFull || links.waiting >= RestoreLimits.linksWaiting
            || directoriesHeld >= RestoreLimits.directoriesWaiting
            || filled.count >= RestoreLimits.directoriesWaiting
    }
}
