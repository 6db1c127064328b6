import Glibc
import VarveCodec
import VarveFormat
import VarveRepository
import VarveSystem

/// Walks the sources in order of names, compares them with the parent snapshot, and hands on what
/// has to be read.
final class TreeWalk {
    let pipeline: Pipeline
    let session: WriteSession
    let streams: StreamReader
    let options: SnapshotOptions
    let progress: Progress
    let counts: RunCounts
    let observer: ArchiveObserver
    let completion: Completion
    var parent: ParentTree
    private var statList: StatListWriter
    var names = AccountNames()
    /// Directories that are never part of a snapshot.
    let own: [EntryIdentity: String]
    let secrets: WithheldFiles
    var leftOut: [String] = []
    /// Extended attributes of what is not opened are read through `/proc`.
    let hasProc: Bool
    /// The file systems of the sources.
    var devices: Set<UInt64> = []
    /// How many sources there are, and how many could not be read.
    var sourceCount = 1
    var sourcesFailed = 0
    /// Those that are no paths of this machine, by their numbers, and what places them in time.
    let trees: [any VirtualTree]
    var anchors: [Int: [String: String]] = [:]
    /// Chunks that have to be stored anew.
    let lost: Set<ChunkID>
    private let now: Int64

    init(
        _ pipeline: Pipeline, _ streams: StreamReader, _ session: WriteSession,
        _ options: SnapshotOptions, _ trees: [any VirtualTree], parent: SnapshotManifest?,
        _ progress: Progress, _ counts: RunCounts, _ observer: @escaping ArchiveObserver
    ) throws {
        self.pipeline = pipeline
        self.session = session
        self.streams = streams
        self.options = options
        self.trees = trees
        self.progress = progress
        self.counts = counts
        self.observer = observer
        self.parent = ParentTree(parent)
        completion = pipeline.completion
        statList = try StatListWriter(session.repository)
        lost = session.lost
        own = EntryIdentity.of(options.ownDirectories)
        secrets = WithheldFiles(options.secretFiles)
        now = Clock.wallNanoseconds()
        hasProc = (try? File.status(of: "/proc/self/fd")) != nil
    }

    /// Walks everything; `root` is told the root directory's content when it is stored.
    func walk(
        _ sources: SourceTree, root: @escaping @Sendable (PendingDirectory.Stored) -> Void
    ) throws {
        let directory = PendingDirectory(root: root)
        guard sources.hasPaths else { return try walk(above: directory, nil, sources, parent.root) }
        if !hasProc {
            observer(
                .noted(
                    path: "/proc",
                    reason: "it is not there, so extended attributes of what is no regular file "
                        + "are not stored"))
        }
        // Open also when it is no source itself, for a file right below it may be one.
        let handle = SharedFile(try File.openDirectory("/"))
        if sources.isSource {
            try walk(directory, handle, sources, parent.root)
        } else {
            try walk(above: directory, handle, sources, parent.root)
        }
    }

    /// The stat list, once all work is done.
    func finishStatList() throws -> Content {
        try streams.withWriter { writer, _ in try statList.finish(&writer) }
    }

    /// An entry that belongs to the snapshot.
    struct Entry {
        var node: Node
        /// Nil for what is no path of this machine.
        var status: FileStatus?
        /// What the parent snapshot holds under its name, if that is of the same kind; of a directory also where
        /// it lies there.
        var before: Content?
        var offset = 0
        var link: HardLinks.Link?
        /// It lies on another file system, of which nothing is wanted.
        var isClosed = false
        /// It is left out, but for what leads to a source in it.
        var isPassage = false
        /// It looks as it did in the parent.
        var isUnchanged = false
        /// It must not count as unchanged the next time.
        var isRestless = false
        /// The number of the virtual tree that lies here.
        var virtual: Int?

        /// Its content is still to be read by the walk, and not by one of what is in it.
        var isRead: Bool { node.kind == .file ? !isUnchanged : virtual != nil }
    }

    /// A directory that is still to be walked.
    struct Child {
        var directory: PendingDirectory
        var entry: Entry
        /// What is wanted of it.
        var sources: SourceTree
        /// It was read as a virtual tree, which has so many entries.
        var entriesRead: Int?
        var name: [UInt8] { directory.name }

        /// Where it lies in the parent, given where the directories of its directory start.
        func place(_ start: Int?) -> ParentTree.Place? {
            guard let start, let content = entry.before else { return nil }
            return ParentTree.Place(content: content, records: start &+ entry.offset)
        }
    }

    /// A directory while its entries are taken, slice by slice.
    struct Listing {
        let directory: PendingDirectory
        /// Nil for a directory above the sources that may be passed, but not opened.
        let handle: SharedFile?
        /// What is wanted of it.
        let sources: SourceTree
        var databases = SQLiteNames()
        var children: [Child] = []

        /// What is wanted of the entry.
        func sources(of entry: Entry) -> SourceTree {
            guard let named = sources.children[entry.node.name] else { return .whole }
            return sources.isSource && !entry.isPassage ? named.asSource : named
        }
    }

    /// Takes the next entries of a directory: hands on its files, and remembers its directories.
    func take(_ entries: [Entry], _ listing: inout Listing) throws {
        let changed = entries.indices.filter { entries[$0].isRead }
        var (unmodified, bytes) = (0, 0)
        for index in entries.indices where entries[index].isUnchanged {
            guard entries[index].node.kind == .file else { continue }
            unmodified += 1
            bytes &+= entries[index].node.size
        }
        counts.add(.unmodified, unmodified)
        progress.add(files: unmodified, bytes: bytes)
        let directories = entries.indices.filter {
            entries[$0].node.kind == .directory && !entries[$0].isRead
        }
        let slice = PendingSlice(
            of: listing.directory, entries.map(\.node), entries.map(record), files: changed.count,
            directories: directories.count)
        listing.directory.append(slice)
        statList.append(slice)
        let below = try read(changed, entries, slice, listing.handle)
        if slice.release() { try store(listing.directory) }
        try streams.withWriter { writer, _ in try statList.advance(&writer) }
        for index in entries.indices where entries[index].node.kind == .directory {
            let entriesRead = below[index]
            // A virtual tree that failed is not there.
            if entries[index].isRead, entriesRead == nil { continue }
            let directory = PendingDirectory(entries[index].node.name, in: slice, at: index)
            let wanted = listing.sources(of: entries[index])
            listing.children.append(
                Child(
                    directory: directory, entry: entries[index], sources: wanted,
                    entriesRead: entriesRead))
        }
    }

    /// All entries were taken.
    func end(_ listing: Listing) throws {
        listing.directory.endListing()
        try store(listing.directory)
    }

    private func store(_ directory: PendingDirectory) throws {
        try streams.withWriter { writer, _ in try directory.store(&writer, counts) }
    }

    /// Reads changed files: small ones in batches, by the workers; long ones here, and virtual trees, of
    /// which it answers how many entries each has.
    private func read(
        _ changed: [Int], _ entries: [Entry], _ slice: PendingSlice, _ handle: SharedFile?
    ) throws -> [Int: Int] {
        var batch: [FileBatch.File] = []
        var bytes = 0
        var below: [Int: Int] = [:]
        for index in changed {
            let entry = entries[index]
            let file = FileBatch.File(
                position: index, name: entry.node.name, parent: entry.before)
            if let number = entry.virtual {
                below[index] = try readVirtual(number, file, slice)
                continue
            }
            if try isLinked(entry, file, slice, handle) { continue }
            let size = entry.status?.size ?? 0
            guard size <= TakingLimits.smallFileBytes else {
                try readLong(file, slice, handle)
                continue
            }
            batch.append(file)
            bytes += Int(size)
            if batch.count >= TakingLimits.batchFiles || bytes >= TakingLimits.batchBytes {
                try pipeline.put(.batch(FileBatch(handle, slice, batch)))
                (batch, bytes) = ([], 0)
            }
        }
        if !batch.isEmpty { try pipeline.put(.batch(FileBatch(handle, slice, batch))) }
        if let last = changed.last {
            progress.show(slice.directory.displayPath(of: entries[last].node.name))
        }
        return below
    }

    /// Whether the file is another name of one that is read already, or is being read.
    private func isLinked(
        _ entry: Entry, _ file: FileBatch.File, _ slice: PendingSlice, _ handle: SharedFile?
    ) throws -> Bool {
        guard let link = entry.link else { return false }
        let waiter = HardLinks.Waiter(slice: slice, file: file, handle: handle)
        switch completion.links.claim(link, waiter) {
        case .first: return false
        case .waits: return true
        case .known(let node):
            try streams.withWriter { writer, _ in
                try completion.complete(waiter, as: node, &writer)
            }
            return true
        }
    }

    private func readLong(
        _ file: FileBatch.File, _ slice: PendingSlice, _ handle: SharedFile?
    ) throws {
        let path = slice.directory.displayPath(of: file.name)
        progress.show(path)
        guard let handle else {
            observer(.unopened(path))
            return try complete(slice, file, nil)
        }
        let opened: OpenedFile
        do throws(SystemError) {
            opened = try OpenedFile(file.name, in: handle)
        } catch {
            observer(.unreadable(path, error))
            return try complete(slice, file, nil)
        }
        do {
            let database = try database(opened, slice.directory.path(of: file.name))
            let input: any ContentInput =
                database ?? FileInput(opened.file, extents: opened.extents)
            try streams.read(input, parent: file.parent) { content in
                var node = slice.node(file.position)
                let isWhole = opened.describe(
                    &node, content, isDatabase: database != nil, path, self.observer)
                let isSteady = opened.isSteady(node, database?.input)
                if !isSteady, database == nil { self.observer(.changed(path)) }
                self.completion.told(file, node, slice)
                try self.complete(slice, file, node, isRestless: !isSteady || !isWhole)
            }
        } catch let failure as FileInput.ReadFailure {
            observer(.unreadable(path, failure.error))
            try streams.abandon()
            try complete(slice, file, nil)
        } catch let failure as DatabaseFailure {
            observer(.failed(path: path, reason: failure.reason))
            try streams.abandon()
            try complete(slice, file, nil)
        }
    }

    /// What a database is read through; nil for any other file.
    private func database(_ opened: OpenedFile, _ path: [UInt8]) throws -> GuardedInput? {
        guard let open = options.databases, opened.file.file.isDatabase else { return nil }
        return try GuardedInput(open, path, opened.status)
    }

    func complete(
        _ slice: PendingSlice, _ file: FileBatch.File, _ node: Node?, isRestless: Bool = false
    ) throws {
        let outcome = PendingSlice.Outcome(
            position: file.position, node: node, isRestless: isRestless)
        let next = try streams.withWriter { writer, _ in
            try completion.complete([outcome], of: slice, &writer)
        }
        for waiter in next {
            try pipeline.put(.batch(FileBatch(waiter.handle, waiter.slice, [waiter.file])))
        }
    }

    /// Entries of a virtual tree that was read when it was met come here in the stat list.
    func passOver(_ child: Child) -> Bool {
        guard let entries = child.entriesRead else { return false }
        statList.append(unknown: entries)
        return true
    }

    private func record(_ entry: Entry) -> StatRecord {
        guard let status = entry.status else {
            return StatRecord(changed: 0, inode: 0, device: 0)
        }
        let youngest = max(status.ctime, status.mtime)
        let (age, overflow) = now.subtractingReportingOverflow(youngest)
        let isRestless =
            entry.isRestless || overflow || age < TakingLimits.restlessNanoseconds
        return StatRecord(
            changed: isRestless ? 0 : status.ctime, inode: status.inode, device: status.device)
    }
}
