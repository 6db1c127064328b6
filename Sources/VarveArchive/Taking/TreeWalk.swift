import Glibc
import VarveCodec
import VarveFormat
import VarveRepository
import VarveSystem

/// Walks the sources in order of names, compares them with the parent snapshot, and hands on what
/// has to be read.
final class TreeWalk {
    private let pipeline: Pipeline
    private let streams: StreamReader
    let options: SnapshotOptions
    private let progress: Progress
    private let counts: RunCounts
    let observer: ArchiveObserver
    private var parent: ParentTree?
    private var statList: StatListWriter
    var names = AccountNames()
    /// Where the repository and the cache lie.
    let own: [EntryIdentity: String]
    var leftOut: [String] = []
    private let now: Int64
    /// How deep the walk is, and how deep it goes: each level takes a descriptor and some stack.
    private var depth = 0
    private static let depthMax = 2_000

    init(
        _ pipeline: Pipeline, _ streams: StreamReader, _ session: WriteSession,
        _ options: SnapshotOptions, parent: SnapshotManifest?, _ progress: Progress,
        _ counts: RunCounts, _ observer: @escaping ArchiveObserver
    ) throws {
        self.pipeline = pipeline
        self.streams = streams
        self.options = options
        self.progress = progress
        self.counts = counts
        self.observer = observer
        self.parent = parent.map(ParentTree.init)
        statList = try StatListWriter(session.repository)
        own = EntryIdentity.of(options.ownDirectories)
        now = Clock.wallNanoseconds()
    }

    /// Walks everything; `root` is told the root directory's content when it is stored.
    func walk(
        _ sources: SourceTree, root: @escaping @Sendable (Content, Int) -> Void
    ) throws {
        let directory: PendingDirectory
        let parentRoot = try streams.withWriter { _, reader in
            try parent?.rootDirectory(&reader)
        }
        if sources.isSource {
            let handle = SharedFile(try File.openDirectory("/"))
            directory = PendingDirectory(handle, root: root)
            try walk(directory, parentRoot, device: handle.file.status().device)
        } else {
            // Open, for a file right below it may be a source.
            directory = PendingDirectory(SharedFile(try File.openDirectory("/")), root: root)
            try walk(above: directory, sources, parentRoot)
        }
    }

    /// The stat list, once all work is done.
    func finishStatList() throws -> Content {
        try streams.withWriter { writer, _ in try statList.finish(&writer) }
    }

    /// An entry that belongs to the snapshot.
    struct Entry {
        var node: Node
        var status: FileStatus
        var parentIndex: Int?
    }

    /// A directory above the sources: only what leads to one of them belongs to the snapshot.
    private func walk(
        above directory: PendingDirectory, _ sources: SourceTree,
        _ parentDirectory: ParentTree.Directory?
    ) throws {
        var parentDirectory = parentDirectory
        var entries: [Entry] = []
        var below: [SourceTree] = []
        for (name, tree) in sources.children.sorted(by: {
            $0.key.lexicographicallyPrecedes($1.key)
        }) {
            let path = directory.displayPath(of: name)
            do throws(SystemError) {
                let status = try File.status(of: path, follow: !tree.isSource)
                guard !isOwn(status) else { continue }
                if let rule = options.excludes.matching(directory.path(of: name)) {
                    observer(.excluded(path: path, reason: "pattern \(rule)"))
                    continue
                }
                if tree.isSource, status.kind == .symlink {
                    observer(
                        .noted(
                            path: path,
                            reason: "it is a symbolic link, and only the link is stored; name what "
                                + "it leads to, or end it with a slash"))
                }
                let node = try node(name, status) { () throws(SystemError) in
                    try File.openDirectory(File.parent(of: path)).readLink(name)
                }
                guard let node else { continue }
                let index = parentDirectory?.take(name)
                entries.append(Entry(node: node, status: status, parentIndex: index))
                below.append(tree)
            } catch {
                throw error.isMissing
                    ? ArchiveError.missingSource(path: path)
                    : .unreadableSource(path: path, reason: error.reason)
            }
        }
        try take(entries, directory, parentDirectory) { index in
            let tree = below[index]
            let name = entries[index].node.name
            let path = directory.displayPath(of: name)
            let opened: SharedFile?
            do throws(SystemError) {
                opened = SharedFile(try File.openDirectory(path))
            } catch {
                guard !tree.isSource else {
                    throw ArchiveError.unreadableSource(path: path, reason: error.reason)
                }
                opened = nil
            }
            let child = PendingDirectory(
                opened, path: directory.path(of: name), in: directory, at: index)
            let found = try self.parentDirectory(entries[index], parentDirectory)
            if tree.isSource {
                try walk(child, found, device: entries[index].status.device)
            } else {
                try walk(above: child, tree, found)
            }
        }
    }

    /// A directory of which everything belongs to the snapshot.
    private func walk(
        _ directory: PendingDirectory, _ parentDirectory: ParentTree.Directory?, device: UInt64
    ) throws {
        if Interrupts.isRequested { throw ArchiveError.interrupted }
        depth += 1
        defer { depth -= 1 }
        var parentDirectory = parentDirectory
        guard let handle = directory.handle else { return }
        let entries = try self.entries(of: directory, handle, &parentDirectory, device: device)
        try take(entries, directory, parentDirectory) { index in
            let name = entries[index].node.name
            let opened: SharedFile?
            do throws(SystemError) {
                guard depth < Self.depthMax else {
                    throw SystemError(.openDirectory, directory.displayPath(of: name), errno: ELOOP)
                }
                opened = SharedFile(try handle.file.openDirectory(name))
            } catch {
                observer(.unreadable(directory.displayPath(of: name), error))
                opened = nil
            }
            let child = PendingDirectory(
                opened, path: directory.path(of: name), in: directory, at: index)
            guard opened != nil else {
                // It stays, with its attributes and without what is in it.
                try take([], child, nil) { _ in }
                return
            }
            try walk(
                child, try self.parentDirectory(entries[index], parentDirectory),
                device: device)
        }
    }

    private func parentDirectory(
        _ entry: Entry, _ directory: ParentTree.Directory?
    ) throws -> ParentTree.Directory? {
        guard let directory, let index = entry.parentIndex else { return nil }
        return try streams.withWriter { _, reader in
            try parent?.directory(at: index, of: directory, &reader)
        }
    }

    /// Hands on the files of a directory, then descends into its directories by `descend`.
    private func take(
        _ entries: [Entry], _ directory: PendingDirectory,
        _ parentDirectory: ParentTree.Directory?, descend: (Int) throws -> Void
    ) throws {
        var nodes = entries.map(\.node)
        var changed: [Int] = []
        for (index, entry) in entries.enumerated() where entry.node.kind == .file {
            if let content = unchanged(entry, parentDirectory) {
                nodes[index].content = content
                counts.add(.unmodified)
                progress.add(files: 1, bytes: content.size)
            } else {
                changed.append(index)
            }
        }
        let directories = entries.indices.filter { entries[$0].node.kind == .directory }
        directory.set(
            nodes, entries.map(record), files: changed.count, directories: directories.count)
        statList.append(directory)
        try read(changed, entries, directory, parentDirectory)
        if directory.release() {
            try streams.withWriter { writer, _ in try directory.store(&writer, counts) }
        }
        try streams.withWriter { writer, _ in try statList.advance(&writer) }
        for index in directories { try descend(index) }
    }

    /// Reads changed files: small ones in batches, by the workers; long ones here.
    private func read(
        _ changed: [Int], _ entries: [Entry], _ directory: PendingDirectory,
        _ parentDirectory: ParentTree.Directory?
    ) throws {
        var batch: [FileBatch.File] = []
        var bytes = 0
        for index in changed {
            let entry = entries[index]
            let parentNode = entry.parentIndex.map { parentDirectory?.nodes[$0] } ?? nil
            let parentContent = parentNode?.kind == .file ? parentNode?.content : nil
            guard entry.status.size <= TakingLimits.smallFileBytes else {
                try readLong(entry, directory, index, parentContent)
                continue
            }
            batch.append(
                FileBatch.File(position: index, name: entry.node.name, parent: parentContent))
            bytes += Int(entry.status.size)
            if batch.count >= TakingLimits.batchFiles || bytes >= TakingLimits.batchBytes {
                try pipeline.put(.batch(FileBatch(directory, batch)))
                (batch, bytes) = ([], 0)
            }
        }
        if !batch.isEmpty { try pipeline.put(.batch(FileBatch(directory, batch))) }
        if let last = changed.last {
            progress.show(directory.displayPath(of: entries[last].node.name))
        }
    }

    private func readLong(
        _ entry: Entry, _ directory: PendingDirectory, _ index: Int, _ parent: Content?
    ) throws {
        let name = entry.node.name
        let path = directory.displayPath(of: name)
        progress.show(path)
        guard let handle = directory.handle else {
            observer(.unopened(path))
            return try complete(directory, index, nil)
        }
        let file: SharedFile
        let before: FileStatus
        do throws(SystemError) {
            file = SharedFile(try handle.file.openFile(name))
            before = try file.file.status()
        } catch {
            observer(.unreadable(path, error))
            return try complete(directory, index, nil)
        }
        do {
            try streams.read(file, parent: parent) { content in
                var node = directory.node(index)
                node.modified = before.mtime
                node.content = content
                let change: ArchiveEvent.Change =
                    parent == nil ? .new : parent == content ? .unmodified : .changed
                if content.size != Int(before.size) { self.observer(.changed(path)) }
                self.counts.add(change)
                self.progress.add(files: 1)
                self.observer(.file(path: path, change: change, bytes: content.size))
                try self.complete(directory, index, node)
            }
        } catch let failure as StreamReader.ReadFailure {
            observer(.unreadable(path, failure.error))
            try streams.abandon()
            try complete(directory, index, nil)
        }
    }

    private func complete(_ directory: PendingDirectory, _ index: Int, _ node: Node?) throws {
        guard directory.complete(index, node) else { return }
        try streams.withWriter { writer, _ in try directory.store(&writer, counts) }
    }

    /// The parent's content of a file that looks as it did then.
    private func unchanged(
        _ entry: Entry, _ directory: ParentTree.Directory?
    ) -> Content? {
        guard !options.force, let directory, let index = entry.parentIndex,
            index < directory.records.count
        else { return nil }
        let (node, record) = (directory.nodes[index], directory.records[index])
        guard node.kind == .file, node.modified == entry.status.mtime,
            node.size == Int(entry.status.size), record.changed != 0,
            record.changed == entry.status.ctime, record.inode == entry.status.inode
        else { return nil }
        return node.content
    }

    private func record(_ entry: Entry) -> StatRecord {
        let youngest = max(entry.status.ctime, entry.status.mtime)
        let isRestless = now - youngest < TakingLimits.restlessNanoseconds
        return StatRecord(
            changed: isRestless ? 0 : entry.status.ctime, inode: entry.status.inode,
            device: entry.status.device)
    }
}
