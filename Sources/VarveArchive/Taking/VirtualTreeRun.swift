import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// Reads one virtual tree, several files at once, into nodes that belong to nothing yet.
///
/// The thread that calls reads too, with the walker's reader of streams; the others have their own.
final class VirtualTreeRun: Sendable {
    /// The source failed, not the repository.
    struct SourceFailure: Error {
        var error: any Error
    }

    /// What a tree came to.
    struct Outcome {
        var node: Node
        var counts: RunCounts
        var anchors: [String: String]
    }

    /// A file that is still to be read.
    private struct PlannedFile: Sendable {
        var slice: PendingSlice
        var file: FileBatch.File
        var content: VirtualFile
        /// It is the whole tree.
        var isAlone = false
    }

    /// What the threads share.
    private struct State: Sendable {
        /// Those to be read next stand at the end.
        var tasks: [PlannedFile] = []
        var failure: SourceFailure?
        /// When the tree is a single file.
        var file: Node?
    }

    private let reading: any VirtualTreeReading
    private let path: [UInt8]
    private let options: SnapshotOptions
    private let pipeline: Pipeline
    private let session: WriteSession
    private let completion: Completion
    private let counts = RunCounts()
    private let state = Mutex(State())
    private let directories = Directories()

    /// The directories of the tree, which must not hold the run.
    private final class Directories: Sendable {
        private let all = Mutex<[PendingDirectory]>([])
        private let root = Mutex<PendingDirectory.Stored?>(nil)

        /// What the root came to.
        var stored: PendingDirectory.Stored? { root.withLock { $0 } }

        func set(_ stored: PendingDirectory.Stored) { root.withLock { $0 = stored } }

        func add(_ directory: PendingDirectory) { all.withLock { $0.append(directory) } }

        /// Lets go of all of them; of what is not stored nothing is made.
        func giveUp() {
            let all = all.withLock { all in
                defer { all = [] }
                return all
            }
            for directory in all { directory.giveUp() }
        }
    }

    private init(
        _ reading: any VirtualTreeReading, at path: [UInt8], _ options: SnapshotOptions,
        _ pipeline: Pipeline, _ session: WriteSession
    ) {
        self.reading = reading
        self.path = path
        self.options = options
        self.pipeline = pipeline
        self.session = session
        completion = pipeline.completion.counting(in: counts)
    }

    /// Reads all of `tree`, which had `before` for its content in the parent snapshot.
    ///
    /// Throws `SourceFailure` when the source is to blame.
    static func read(
        _ tree: any VirtualTree, before: Content?, _ options: SnapshotOptions,
        _ pipeline: Pipeline, _ session: WriteSession, _ streams: StreamReader
    ) throws -> Outcome {
        let reading = try callingSource(SourceFailure.init) { try tree.open() }
        let path = tree.place.flatMap { [UInt8(ascii: "/")] + $0 }
        let run = VirtualTreeRun(reading, at: path, options, pipeline, session)
        // Whatever comes, the source's connections end with this.
        defer { run.directories.giveUp() }
        return try run.read(before, streams, name: tree.place.last ?? [])
    }

    private func read(
        _ before: Content?, _ streams: StreamReader, name: [UInt8]
    ) throws -> Outcome {
        var root = reading.root
        root.name = name
        var last = try plan(root, before, streams)
        try readAll(streams)
        while let task = last.popLast() {
            state.withLock { $0.tasks = [task] }
            try work(0, streams)
            if let failure = state.withLock({ $0.failure }) { throw failure }
        }
        let anchors = try callingSource(SourceFailure.init) { try reading.finish() }
        return Outcome(node: try node(of: root), counts: counts, anchors: anchors)
    }

    // Planning

    /// Lays the directories out, and puts the files among the tasks; answers those that come last, in
    /// reverse.
    private func plan(
        _ root: VirtualNode, _ before: Content?, _ streams: StreamReader
    ) throws -> [PlannedFile] {
        var tasks: [PlannedFile] = []
        switch root.content {
        case .directory(let nodes):
            let directory = PendingDirectory(at: path) { [directories] stored in
                directories.set(stored)
            }
            try plan(nodes, in: directory, before, streams, &tasks)
        case .file(let content):
            tasks = [planAlone(root, content, before)]
        }
        let soon = tasks.filter { !$0.content.isLast }.sorted {
            $0.content.expectedBytes < $1.content.expectedBytes
        }
        state.withLock { $0.tasks = soon }
        return tasks.filter(\.content.isLast).reversed()
    }

    private func plan(
        _ nodes: [VirtualNode], in directory: PendingDirectory, _ before: Content?,
        _ streams: StreamReader, _ tasks: inout [PlannedFile]
    ) throws {
        directories.add(directory)
        let nodes = nodes.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        for (index, node) in nodes.enumerated() {
            let isRepeated = index > 0 && nodes[index - 1].name == node.name
            guard Node.isValid(name: node.name), !isRepeated else {
                let name = RawText.text(node.name)
                throw SourceFailure(
                    error: ArchiveError.streamFailed(reason: "'\(name)' is no name for a file"))
            }
        }
        let contents = try contents(of: before, streams)
        let entries = nodes.map(entry)
        let files = entries.count { $0.kind == .file }
        let slice = PendingSlice(
            of: directory, entries, [], files: files, directories: entries.count - files)
        for (position, node) in nodes.enumerated() {
            let parent = contents[node.name]
            switch node.content {
            case .directory(let below):
                let child = PendingDirectory(node.name, in: slice, at: position)
                try plan(below, in: child, parent, streams, &tasks)
            case .file(let content):
                let file = FileBatch.File(position: position, name: node.name, parent: parent)
                tasks.append(PlannedFile(slice: slice, file: file, content: content))
            }
        }
        directory.append(slice)
        directory.endListing()
        _ = slice.release()
        try streams.withWriter { writer, _ in try directory.store(&writer, counts) }
    }

    /// A tree that is a single file, in a directory of its own, which is never stored.
    private func planAlone(_ root: VirtualNode, _ content: VirtualFile, _ before: Content?)
        -> PlannedFile
    {
        let above = path.prefix(path.count - root.name.count - 1)
        let directory = PendingDirectory(at: Array(above)) { _ in }
        let slice = PendingSlice(of: directory, [entry(root)], [], files: 1, directories: 0)
        let file = FileBatch.File(position: 0, name: root.name, parent: before)
        return PlannedFile(slice: slice, file: file, content: content, isAlone: true)
    }

    private func entry(_ node: VirtualNode) -> Node {
        var entry: Node
        switch node.content {
        case .directory: entry = Node(kind: .directory, name: node.name)
        case .file: entry = Node(kind: .file, name: node.name)
        }
        entry.mode = UInt32(node.mode)
        entry.uid = Accounts.currentUser
        entry.user = Array(options.user.utf8)
        entry.modified = node.modified ?? options.time
        entry.content = .empty
        if let likeness = node.likeness {
            var names = AccountNames()
            (entry.uid, entry.gid) = (likeness.uid, likeness.gid)
            (entry.user, entry.group) = names.names(likeness.uid, likeness.gid)
            entry.attributes = likeness.attributes
        }
        return entry
    }

    /// What the parent's directory has under each name; nothing where it is damaged.
    private func contents(
        of before: Content?, _ streams: StreamReader
    ) throws -> [[UInt8]: Content] {
        guard let before else { return [:] }
        return try streams.withWriter { _, reader in
            do {
                let nodes = try reader.nodes(of: before)
                return Dictionary(
                    nodes.compactMap { node in node.content.map { (node.name, $0) } }
                ) { first, _ in first }
            } catch RepositoryError.damaged {
                return [:]
            }
        }
    }

    /// The tree's node, when all is read.
    private func node(of root: VirtualNode) throws -> Node {
        var node = entry(root)
        if let file = state.withLock({ $0.file }) { return file }
        guard let stored = directories.stored else {
            throw ArchiveError.streamFailed(reason: "its directory was never completed")
        }
        node.content = stored.content
        node.entriesBelow = stored.entries
        return node
    }

    // Reading

    private func readAll(_ streams: StreamReader) throws {
        let jobs = min(max(reading.jobs, 1), max(state.withLock { $0.tasks.count }, 1))
        let threads = try WorkerThreads.start(count: jobs - 1, name: "source") { index in
            do {
                let streams = try StreamReader(
                    self.pipeline, self.session, slabs: TakingLimits.slabsBeside)
                try self.work(index + 1, streams)
                try streams.withWriter { writer, _ in try writer.flush() }
            } catch {
                self.stop(SourceFailure(error: error))
                throw error
            }
        }
        do {
            try work(0, streams)
        } catch {
            stop(SourceFailure(error: error))
            try? threads.join()
            throw error
        }
        try threads.join()
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// No further file is begun, and those being read end; the first reason stays.
    private func stop(_ failure: SourceFailure) {
        state.withLock { state in
            state.failure = state.failure ?? failure
            state.tasks = []
        }
    }

    /// Reads files until there are no more.
    private func work(_ job: Int, _ streams: StreamReader) throws {
        while let task = state.withLock({ $0.tasks.popLast() }) {
            do {
                try read(task, job, streams)
            } catch let failure as SourceFailure {
                stop(failure)
                try streams.abandon()
            }
        }
        try streams.finish()
    }

    private func read(_ task: PlannedFile, _ job: Int, _ streams: StreamReader) throws {
        completion.progress.show(task.slice.directory.displayPath(of: task.file.name))
        let input = try callingSource(SourceFailure.init) { try task.content.open(job) }
        try streams.read(Guarded(input, self), parent: task.file.parent) { [self] content in
            var node = task.slice.node(task.file.position)
            node.content = content
            completion.told(task.file, node, task.slice)
            if task.isAlone { state.withLock { $0.file = node } }
            try streams.withWriter { writer, _ in
                _ = try completion.complete(
                    [PendingSlice.Outcome(position: task.file.position, node: node)],
                    of: task.slice, &writer)
            }
        }
    }

    /// Tells the source's errors from others, and ends when the source has failed elsewhere.
    private final class Guarded: ContentInput {
        private let input: any ContentInput
        private let run: VirtualTreeRun

        init(_ input: any ContentInput, _ run: VirtualTreeRun) {
            self.input = input
            self.run = run
        }

        func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
            if let failure = run.state.withLock({ $0.failure }) { throw failure }
            return try callingSource(SourceFailure.init) { try input.read(into: room) }
        }
    }
}
