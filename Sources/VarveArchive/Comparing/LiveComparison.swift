import Glibc
public import VarveFormat
public import VarveRepository
import VarveSystem

/// Compares what a snapshot has at `path` with the file or directory of this machine at the absolute path
/// `live`. Files of this machine that were not read say in their content how long they are, and no more.
public func compare(
    _ entry: RepositoryState.SnapshotEntry, _ path: [[UInt8]], of repository: Repository,
    withLive live: [UInt8], _ options: LiveOptions
) throws -> ComparisonReport {
    var comparison = try LiveComparison(entry, path, repository, live, options)
    try comparison.run()
    return try comparison.finish()
}

/// The walk over a snapshot's tree and the file system, side by side.
private struct LiveComparison: ~Copyable {
    private let tree: ComparedTree
    /// Of the whole snapshot.
    private let root: Content
    private let live: [UInt8]
    private let options: LiveOptions
    private var comparison: TreeComparison
    private var reader: ChunkReader
    private var cutting: LocalCutting
    private var names = AccountNames()
    private let own: [EntryIdentity: String]
    private var device: UInt64?
    /// Nil when the tree lies elsewhere, or was taken elsewhere: then it says nothing of these files.
    private var statList: StatListReader?
    /// Where the records of the tree's own entries start.
    private var firstRecord = 0
    private var issues: [Issue] = []

    /// A directory of the snapshot, if it has it, and of the file system.
    private struct Pair {
        /// Nil for one that was added.
        var old: (content: Content, isPartial: Bool)?
        var name: [UInt8]
        var oldPath: TreePath
        var livePath: TreePath
        /// Where its records start in the stat list.
        var records = 0
    }

    init(
        _ entry: RepositoryState.SnapshotEntry, _ path: [[UInt8]], _ repository: Repository,
        _ live: [UInt8], _ options: LiveOptions
    ) throws {
        let tree = try ComparedTree(entry, path, of: repository)
        let manifest = try repository.manifest(entry)
        let comparison = try TreeComparison(repository)
        let reader = try ChunkReader(repository)
        let cutting = try LocalCutting(repository, databases: options.databases)
        self.tree = tree
        self.comparison = comparison
        self.reader = reader
        self.cutting = cutting
        own = EntryIdentity.of(options.ownDirectories)
        (self.live, self.options) = (live, options)
        root = manifest.root.content
        let isOwn = entry.summary.host == options.host && tree.path == live
        statList = isOwn ? manifest.statList.map(StatListReader.init) : nil
    }

    /// Goes down to the tree, past what comes before it in the stat list.
    private mutating func findRecords() throws {
        var content = root
        for name in tree.path.split(separator: UInt8(ascii: "/")).map(Array.init) {
            var place = RecordPlace(start: firstRecord)
            var nodes = DirectoryCursor(content)
            while let node = try nodes.next(&reader) {
                if node.name == name {
                    content = node.content ?? .empty
                    firstRecord = place.below
                }
                place.pass(node)
            }
            firstRecord &+= place.count
        }
    }

    /// Where records lie while the entries of a directory are passed.
    private struct RecordPlace {
        let start: Int
        private(set) var count = 0
        private var deeper = 0

        init(start: Int) { self.start = start }

        /// The record of the next entry.
        var next: Int { start &+ count }
        /// Where those of its own entries would start, but for the entries of this directory.
        var below: Int { start &+ deeper }

        mutating func pass(_ node: Node) {
            count &+= 1
            if node.kind == .directory { deeper &+= node.entriesBelow }
        }
    }

    mutating func run() throws {
        let place = live.isEmpty ? [UInt8(ascii: "/")] : live
        let status = try File.status(of: place, follow: true)
        if options.excludes.oneFileSystem { device = status.device }
        guard tree.isDirectory, status.kind == .directory else {
            guard !tree.isDirectory, status.kind != .directory, let node = tree.node else {
                throw RepositoryError.notFound("a directory and a file have nothing to compare")
            }
            return try compare(file: node)
        }
        if statList != nil { try findRecords() }
        try walk(SharedFile(try File.openDirectory(place)))
    }

    /// The tree is a file.
    private mutating func compare(file node: Node) throws {
        let slash = live.lastIndex(of: UInt8(ascii: "/")) ?? live.startIndex
        let directory = SharedFile(
            try File.openDirectory(slash > 0 ? Array(live[..<slash]) : [UInt8(ascii: "/")]))
        let name = Array(live[(slash + 1)...])
        let entry = LiveEntries.Entry(
            name: name, status: try directory.file.status(of: name), hasLog: false)
        try compare(node, entry, in: directory, at: live, record: nil)
    }

    private mutating func walk(_ root: SharedFile) throws {
        var handles = try DirectoryPath(root)
        let first = Pair(
            old: (tree.content, tree.node?.isPartial ?? true), name: [],
            oldPath: TreePath.of(tree.path), livePath: TreePath.of(live), records: firstRecord)
        // A stack of its own, so that no depth exhausts the thread's.
        var stack = [try look(at: first, root)[...]]
        while let top = stack.indices.last {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            guard let pair = stack[top].popFirst() else {
                stack.removeLast()
                if !stack.isEmpty { try handles.leave() }
                continue
            }
            do throws(SystemError) {
                try handles.enter(pair.name)
            } catch {
                note(pair.livePath.bytes, error)
                continue
            }
            stack.append(try look(at: pair, handles.current)[...])
        }
    }

    private mutating func note(_ path: [UInt8], _ error: SystemError) {
        guard !error.isMissing else { return }
        issues.append(Issue(path: TreePath.text(path), reason: error.reason))
    }

    /// Compares the entries of two directories; answers which directories are to be looked at.
    private mutating func look(at pair: Pair, _ handle: SharedFile) throws -> [Pair] {
        let path = pair.livePath.bytes
        let listed: LiveEntries
        do throws(SystemError) {
            listed = try LiveEntries(handle, at: path, options, own: own, device: device)
        } catch {
            note(path, error)
            return []
        }
        for (name, error) in listed.failures { note(path + [UInt8(ascii: "/")] + name, error) }
        var below: [Pair] = []
        var entries = listed.entries[...]
        var place = RecordPlace(start: pair.records)
        var nodes = DirectoryCursor(pair.old?.content ?? .empty)
        do {
            while let node = try nodes.next(&reader) {
                while let entry = entries.first, entry.name.lexicographicallyPrecedes(node.name) {
                    entries.removeFirst()
                    try add(entry, pair, handle, &below)
                }
                if let entry = entries.first, entry.name == node.name {
                    entries.removeFirst()
                    try meet(node, entry, pair, handle, place, &below)
                } else if listed.lack(node.name) {
                    try miss(node, pair)
                }
                place.pass(node)
            }
            for entry in entries { try add(entry, pair, handle, &below) }
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            comparison.note(path, error)
        }
        for index in below.indices { below[index].records &+= place.count }
        return below
    }

    /// Only the file system has it.
    private mutating func add(
        _ entry: LiveEntries.Entry, _ pair: Pair, _ handle: SharedFile, _ below: inout [Pair]
    ) throws {
        // Where nobody looked, it may have been there.
        guard pair.old?.isPartial != true else { return }
        let path = TreePath(entry.name, below: pair.livePath)
        do throws(SystemError) {
            guard let node = try Node(live: entry, in: handle, &names) else { return }
            comparison.add(TreeChange(.added, path.bytes, new: node))
        } catch {
            return note(path.bytes, error)
        }
        guard entry.status.kind == .directory else { return }
        below.append(
            Pair(
                old: nil, name: entry.name, oldPath: TreePath(entry.name, below: pair.oldPath),
                livePath: path))
    }

    /// Only the snapshot has it.
    private mutating func miss(_ node: Node, _ pair: Pair) throws {
        let path = pair.livePath.bytes(of: node.name)
        guard !options.excludes.names(path) else { return }
        comparison.add(TreeChange(.removed, pair.oldPath.bytes(of: node.name), old: node))
    }

    private mutating func meet(
        _ node: Node, _ entry: LiveEntries.Entry, _ pair: Pair, _ handle: SharedFile,
        _ place: RecordPlace, _ below: inout [Pair]
    ) throws {
        let path = TreePath(entry.name, below: pair.livePath)
        let record = try statList?.record(place.next, &reader)
        try compare(node, entry, in: handle, at: path.bytes, record: record)
        guard entry.status.kind == .directory else { return }
        let isBoth = node.kind == .directory
        below.append(
            Pair(
                old: isBoth ? (node.content ?? .empty, node.isPartial) : nil, name: entry.name,
                oldPath: TreePath(entry.name, below: pair.oldPath), livePath: path,
                records: place.below))
    }

    /// Compares an entry of both, but not what is in a directory.
    private mutating func compare(
        _ old: Node, _ entry: LiveEntries.Entry, in handle: SharedFile, at path: [UInt8],
        record: StatRecord?
    ) throws {
        let status = entry.status
        if !options.readsAll, !entry.hasLog, let record, record.agrees(with: status, old) { return }
        do {
            guard var new = try Node(live: entry, in: handle, &names) else { return }
            if old.kind == .file, new.kind == .file {
                // Elsewhere size and time are all there is to go by.
                let looksSame =
                    statList == nil && !options.readsAll && !entry.hasLog
                    && old.modified == status.mtime && old.size == Int(status.size)
                if looksSame {
                    (new.content, new.holes) = (old.content, old.holes)
                } else {
                    try read(&new, in: handle, at: path)
                }
            }
            try comparison.compare(old, with: new, at: { path })
        } catch let error as SystemError {
            note(path, error)
        } catch let failure as DatabaseFailure {
            issues.append(Issue(path: TreePath.text(path), reason: failure.reason))
        }
    }

    private mutating func read(
        _ node: inout Node, in handle: SharedFile, at path: [UInt8]
    ) throws {
        let opened = try OpenedFile(node.name, in: handle)
        let found = try cutting.content(of: opened, at: path)
        (node.content, node.holes) = (found.content, found.holes)
        node.modified = opened.status.mtime
    }

    mutating func finish() throws -> ComparisonReport {
        try comparison.expand()
        try readMoved()
        let unread = comparison.changes.reduce(0) { sum, change in
            guard let node = change.new, !node.isRead else { return sum }
            return sum &+ node.size
        }
        var report = try comparison.finish(measuring: false)
        report.bytesAdded &+= unread
        report.issues += issues
        report.isIncomplete = !issues.isEmpty
        return report
    }

    /// Reads the added files that may have been removed elsewhere, by their sizes.
    private mutating func readMoved() throws {
        let sizes = Set(
            comparison.changes.lazy.filter { $0.kind == .removed && $0.old?.kind == .file }
                .compactMap { $0.old?.size })
        for (index, change) in comparison.changes.enumerated() where change.kind == .added {
            guard var node = change.new, node.kind == .file, sizes.contains(node.size) else {
                continue
            }
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            let above = TreePath.of(change.path).bytes.dropLast(node.name.count + 1)
            do {
                let directory = SharedFile(try File.openDirectory(Array(above)))
                try read(&node, in: directory, at: change.path)
                comparison.changes[index].new = node
            } catch let error as SystemError {
                note(change.path, error)
            } catch let failure as DatabaseFailure {
                issues.append(Issue(path: TreePath.text(change.path), reason: failure.reason))
            }
        }
    }
}

extension Node {
    /// Whether the chunks of a file of this machine are known.
    fileprivate var isRead: Bool {
        kind != .file || content?.size == 0 || content?.entries.isEmpty == false
    }
}
