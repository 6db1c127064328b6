import VarveFormat
import VarveRepository
import VarveSystem

/// One run of restoring: walks the tree, makes directories, and gathers files until there are enough
/// to read their chunks in the order in which they are stored.
final class RestoreRun {
    private let repository: Repository
    private let options: RestoreOptions
    private let progress: Progress
    private let observer: ArchiveObserver
    private let issues: TreeIssues
    private var owners: Owners
    private var window = RestoreWindow()
    private var counts = RestoreReport()
    private var isDamaged = false

    init(
        _ repository: Repository, _ options: RestoreOptions, _ progress: Progress,
        _ observer: @escaping ArchiveObserver
    ) {
        self.repository = repository
        self.options = options
        self.progress = progress
        self.observer = observer
        issues = TreeIssues(observer, progress)
        owners = Owners(numeric: options.numericIDs)
    }

    var report: RestoreReport {
        var report = counts
        report.issues = issues.all
        report.skipped = owners.skipped
        report.isDamaged = isDamaged
        return report
    }

    /// A directory that is being filled; its own attributes come last.
    private struct Open {
        var directory: SharedFile
        var path: [UInt8]
        var cursor: DirectoryCursor
        /// Nil for the target itself, which stays as it is.
        var node: Node?
        var parent: SharedFile?
    }

    /// Restores a single entry.
    func restore(_ node: Node, into target: SharedFile, _ tree: inout SnapshotTree) throws {
        try make(node, in: target, path: [UInt8(ascii: "/")] + node.name, &tree.reader)
        try flush()
    }

    /// Restores all that is in a directory.
    func restore(
        _ content: Content, into target: SharedFile, _ tree: inout SnapshotTree
    ) throws {
        var stack = [Open(directory: target, path: [], cursor: DirectoryCursor(content))]
        /// Directories that are filled but for files that are still gathered.
        var filled: [Open] = []
        while let top = stack.indices.last {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            guard let node = try next(&stack[top].cursor, stack[top].path, &tree.reader) else {
                filled.append(stack.removeLast())
                if filled.count >= RestoreLimits.directoriesWaiting { try finish(&filled) }
                continue
            }
            let path = stack[top].path + [UInt8(ascii: "/")] + node.name
            guard node.kind == .directory else {
                try make(node, in: stack[top].directory, path: path, &tree.reader)
                continue
            }
            let parent = stack[top].directory
            guard let opened = open(node, in: parent, path: path) else { continue }
            stack.append(
                Open(
                    directory: opened, path: path,
                    cursor: DirectoryCursor(node.content ?? .empty), node: node, parent: parent))
        }
        try finish(&filled)
    }

    private func next(
        _ cursor: inout DirectoryCursor, _ path: [UInt8], _ reader: inout ChunkReader
    ) throws -> Node? {
        do {
            return try cursor.next(&reader)
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            isDamaged = true
            issues.note(path, error)
            return nil
        }
    }

    /// Makes a directory, writable for us until it is filled, or opens the one that is there.
    private func open(_ node: Node, in parent: SharedFile, path: [UInt8]) -> SharedFile? {
        do throws(SystemError) {
            do throws(SystemError) {
                try parent.file.makeDirectory(node.name, mode: 0o700)
            } catch  where error.isTaken {}
            let opened = SharedFile(try parent.file.openDirectory(node.name))
            counts.directories += 1
            return opened
        } catch {
            fail(path, error)
            return nil
        }
    }

    /// Makes an entry that is no directory; a file is only gathered.
    private func make(
        _ node: Node, in directory: SharedFile, path: [UInt8], _ reader: inout ChunkReader
    ) throws {
        if node.kind == .file { return try gather(node, in: directory, path: path, &reader) }
        do throws(SystemError) {
            try makeSpecial(node, in: directory.file)
            counts.others += 1
        } catch {
            fail(path, error)
        }
    }

    /// Asks for all chunks of a file; a long one fills several windows.
    private func gather(
        _ node: Node, in directory: SharedFile, path: [UInt8], _ reader: inout ChunkReader
    ) throws {
        guard node.holes.isEmpty, let content = node.content else {
            return issues.note(path, .notFound("this version restores no files with holes"))
        }
        let file = RestoredFile(node, in: directory, path: path, owner: owners.owner(of: node))
        window.add(file)
        do {
            var chunks = ContentCursor(content)
            var offset = 0
            while let entry = try chunks.next(&reader) {
                if window.isFull {
                    try flush()
                    window.add(file)
                }
                window.add(entry, at: offset, of: file)
                offset += entry.bytes
            }
            file.expectNoMore()
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            isDamaged = true
            issues.note(path, error)
            file.giveUp()
        }
        if window.isFull { try flush() }
    }

    private func makeSpecial(_ node: Node, in directory: borrowing File) throws(SystemError) {
        // Sockets belong to the process that listens; without it they are nothing.
        guard node.kind != .socket else { return }
        do throws(SystemError) {
            try directory.remove(node.name)
        } catch  where error.isMissing {}
        switch node.kind {
        case .symlink: try directory.makeSymlink(to: node.target ?? [], node.name)
        case .fifo: try directory.makeNode(node.name, kind: .fifo, mode: 0o600)
        case .characterDevice, .blockDevice:
            guard let device = node.device else { return }
            guard owners.isRoot else {
                owners.skip("devices (only root may make them)")
                return
            }
            try directory.makeNode(
                node.name, kind: node.kind == .blockDevice ? .blockDevice : .characterDevice,
                mode: 0o600, deviceNumber: device.number)
        case .directory, .file, .socket: return
        }
        try owners.apply(node, in: directory)
        if node.kind != .symlink { try directory.setMode(node.name, node.mode) }
        try directory.setTimes(node.name, mtimeNanoseconds: node.modified)
    }

    /// Reads and writes what is gathered.
    private func flush() throws {
        guard !window.isEmpty else { return }
        let outcome = try window.write(repository, progress, observer)
        window = RestoreWindow()
        counts.files += outcome.files
        counts.bytes += outcome.bytes
        for (path, error) in outcome.damaged {
            isDamaged = true
            issues.note(path, error)
        }
        for (path, error) in outcome.failed { fail(path, error) }
    }

    /// Gives directories their attributes, those further down first.
    private func finish(_ filled: inout [Open]) throws {
        try flush()
        for open in filled {
            guard let node = open.node, let parent = open.parent else { continue }
            do throws(SystemError) {
                try owners.apply(node, in: parent.file)
                try parent.file.setMode(node.name, node.mode)
                try parent.file.setTimes(node.name, mtimeNanoseconds: node.modified)
            } catch {
                fail(open.path, error)
            }
        }
        filled = []
    }

    private func fail(_ path: [UInt8], _ error: SystemError) {
        issues.note(path, .notFound(error.description))
    }
}
