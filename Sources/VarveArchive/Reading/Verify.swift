import Synchronization
public import VarveFormat
public import VarveRepository
import VarveSystem

/// Reads every byte of a snapshot and compares it with its SHA-256; restores nothing.
///
/// Each chunk is read once, however often the snapshot holds it.
public func verify(
    _ entry: RepositoryState.SnapshotEntry, of repository: Repository, progress: Progress,
    observer: @escaping ArchiveObserver
) throws -> VerifyReport {
    let started = Clock.monotonicNanoseconds()
    var tree = try SnapshotTree(repository, entry)
    progress.expect(files: tree.manifest.counts.files, bytes: tree.manifest.counts.bytes)
    var run = VerifyRun(repository, progress, observer)
    try tree.walk(tree.manifest.root.content, path: []) { path, error in
        run.note(path, error)
    } _: { path, node, reader in
        if Interrupts.isRequested { throw ArchiveError.interrupted }
        try run.add(path, node, &reader)
        return true
    }
    if let statList = tree.manifest.statList {
        try run.add(statList, &tree.reader)
    }
    try run.flush(isEnd: true)
    // Else only this machine, with its cache, could find the chunks.
    for error in try repository.checkIndex() { run.tell(Array("the index".utf8), error) }
    run.checkCounts(tree.manifest)
    run.report.durationNanoseconds = Clock.monotonicNanoseconds() - started
    return run.report
}

/// Gathers chunks of a snapshot and reads them, many at a time.
private struct VerifyRun {
    var report = VerifyReport()
    private let repository: Repository
    private let progress: Progress
    private let observer: ArchiveObserver
    private var requests: [ChunkRequest] = []
    /// The paths that the requests belong to; a request's tag is an index here.
    private var paths: [[UInt8]] = []
    private var sizes: [Int] = []
    private var seen: Set<ChunkID> = []
    private var noted: Set<[UInt8]> = []

    init(_ repository: Repository, _ progress: Progress, _ observer: @escaping ArchiveObserver) {
        self.repository = repository
        self.progress = progress
        self.observer = observer
    }

    mutating func add(_ path: [UInt8], _ node: Node, _ reader: inout ChunkReader) throws {
        if node.kind == .directory { report.directories += 1 }
        guard node.kind == .file, let content = node.content else { return }
        report.files += 1
        // Sizes come from storage: whatever they add up to, it must not trap.
        report.bytes &+= node.size
        progress.add(files: 1)
        paths.append(path)
        sizes.append(node.size)
        do {
            var chunks = ContentCursor(content)
            while let entry = try chunks.next(&reader) {
                progress.add(bytes: entry.bytes)
                try add(entry)
            }
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            note(path, error)
        }
    }

    mutating func add(_ list: Content, _ reader: inout ChunkReader) throws {
        paths.append(Array("(what change detection compares)".utf8))
        sizes.append(0)
        var chunks = ContentCursor(list)
        while let entry = try chunks.next(&reader) { try add(entry) }
    }

    private mutating func add(_ entry: Content.Entry) throws {
        guard seen.insert(entry.id).inserted else { return }
        requests.append(ChunkRequest(id: entry.id, bytes: entry.bytes, tag: paths.count - 1))
        if requests.count >= ReadLimits.planChunks { try flush() }
    }

    mutating func flush(isEnd: Bool = false) throws {
        let found = Mutex<[(Int, RepositoryError)]>([])
        try ReadPlan(repository, requests).run { _, _ in
            if Interrupts.isRequested { throw ArchiveError.interrupted }
        } damaged: { tag, error in
            found.withLock { $0.append((tag, error)) }
        }
        report.chunks += requests.count
        for (tag, error) in found.withLock({ $0 }) { note(paths[tag], error) }
        // The last file may not be at its end.
        for (path, size) in zip(paths, sizes).prefix(isEnd ? paths.count : paths.count - 1) {
            guard path.first == UInt8(ascii: "/"), !noted.contains(path) else { continue }
            let path = RawText.text(path)
            observer(.file(path: path, change: .unmodified, bytes: size))
        }
        requests.removeAll(keepingCapacity: true)
        (paths, sizes) = (Array(paths.suffix(1)), Array(sizes.suffix(1)))
    }

    /// One sentence for each file: it is as lost as it can be.
    mutating func note(_ path: [UInt8], _ error: RepositoryError) {
        if noted.insert(path).inserted { tell(path, error) }
    }

    mutating func tell(_ path: [UInt8], _ error: RepositoryError) {
        let path = TreePath.text(path)
        report.issues.append(Issue(path: path, reason: error.description))
        progress.addError()
        observer(.failed(path: path, reason: error.description))
    }

    /// A snapshot must hold what it says it holds.
    mutating func checkCounts(_ manifest: SnapshotManifest) {
        guard report.issues.isEmpty else { return }
        let counts = manifest.counts
        guard
            (counts.files, counts.directories, counts.bytes)
                != (report.files, report.directories, report.bytes)
        else { return }
        report.issues.append(
            Issue(path: "/", reason: "the snapshot does not hold what its manifest counts"))
    }
}
