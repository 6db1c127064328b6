import Synchronization
import VarveCodec
public import VarveFormat
import VarveRepository
import VarveSystem

/// One run of taking a snapshot.
struct SnapshotRun {
    private let repository: Repository
    private let options: SnapshotOptions
    private let progress: Progress
    private let counts = RunCounts()
    private let observer: ArchiveObserver
    private let started = Clock.monotonicNanoseconds()

    init(
        _ repository: Repository, _ options: SnapshotOptions, _ progress: Progress,
        _ observer: @escaping ArchiveObserver
    ) {
        self.repository = repository
        self.options = options
        self.progress = progress
        let counts = counts
        self.observer = { event in
            if case .failed = event {
                counts.addError()
                progress.addError()
            }
            observer(event)
        }
    }

    /// What the walk or the stream came to.
    private struct Taken {
        var root: SnapshotManifest.Root
        var statList: Content?
        var leftOut: [String] = []
    }

    func take(_ source: SnapshotSource) throws -> SnapshotReport {
        let sources = try sourceNames(source)
        return try WriteSession.run(
            repository, level: options.level, storageKnownFor: options.storageKnownFor
        ) { session in
            let parent = try usableParent(of: sources, session)
            if let parent {
                progress.expect(files: parent.counts.files, bytes: parent.counts.bytes)
            }
            if parent == nil, options.countsAhead, case .paths = source {
                return try SourceEstimate.run(sources.map(\.name), progress) {
                    try take(source, sources, session, parent)
                }
            }
            return try take(source, sources, session, parent)
        }
    }

    private func take(
        _ source: SnapshotSource, _ sources: [SnapshotManifest.Source], _ session: WriteSession,
        _ parent: SnapshotManifest?
    ) throws -> SnapshotReport {
        let pipeline = Pipeline(session, progress, counts, observer)
        try pipeline.start()
        let taken: Taken
        do {
            taken = try take(source, sources, session, pipeline, parent)
        } catch {
            pipeline.cancel()
            throw error
        }
        let segments = try session.finish()
        return try commit(taken, sources, segments, session, parent)
    }

    private func take(
        _ source: SnapshotSource, _ sources: [SnapshotManifest.Source], _ session: WriteSession,
        _ pipeline: Pipeline, _ parent: SnapshotManifest?
    ) throws -> Taken {
        let streams = try StreamReader(pipeline, session)
        let rootBox = RootBox()
        var taken: Taken
        switch source {
        case .paths:
            let walk = try TreeWalk(
                pipeline, streams, session, options, parent: parent, progress, counts, observer)
            try walk.walk(SourceTree(sources.map(\.name))) { rootBox.set($0, entries: $1) }
            try streams.finish()
            try pipeline.finish()
            taken = Taken(root: try rootBox.root(), statList: try walk.finishStatList())
            taken.leftOut = walk.leftOut
        case .stream(let name, _, let input, let confirm):
            let directory = PendingDirectory(nil) { rootBox.set($0, entries: $1) }
            try read(input, name, directory, streams, parent)
            try confirm()
            try pipeline.finish()
            taken = Taken(root: try rootBox.root())
        }
        try streams.withWriter { writer, _ in try writer.flush() }
        return taken
    }

    /// Reads a stream as the only file of the root.
    private func read(
        _ input: StreamInput, _ name: String, _ directory: PendingDirectory,
        _ streams: StreamReader, _ parent: SnapshotManifest?
    ) throws {
        var node = Node(kind: .file, name: Array(name.utf8))
        node.mode = 0o600
        node.uid = Accounts.currentUser
        node.user = Array(options.user.utf8)
        node.modified = options.time
        node.content = .empty
        var before: Content?
        if let parent {
            before = try streams.withWriter { _, reader in
                do {
                    let nodes = try reader.nodes(of: parent.root.content)
                    return nodes.first { $0.name == node.name }?.content
                } catch RepositoryError.damaged {
                    return nil
                }
            }
        }
        directory.set([node], [], files: 1, directories: 0)
        _ = directory.release()
        progress.show(name)
        let change = before == nil ? ArchiveEvent.Change.new : .changed
        do {
            try streams.read(input.file, parent: before) { [counts, observer, progress] content in
                node.content = content
                counts.add(change)
                progress.add(files: 1)
                observer(.file(path: name, change: change, bytes: content.size))
                guard directory.complete(0, node) else { return }
                try streams.withWriter { writer, _ in try directory.store(&writer, counts) }
            }
        } catch let failure as StreamReader.ReadFailure {
            throw ArchiveError.streamFailed(reason: failure.error.description)
        }
        try streams.finish()
    }

    private func commit(
        _ taken: Taken, _ sources: [SnapshotManifest.Source], _ segments: [SegmentID],
        _ session: WriteSession, _ parent: SnapshotManifest?
    ) throws -> SnapshotReport {
        var report = SnapshotReport()
        report.parent = parent?.id
        report.leftOut = taken.leftOut
        let written = session.counts
        report.written = WriteReport(written)
        var counts = counts.total
        counts.chunksNew = written.chunks
        counts.bytesNew = written.bytes
        counts.bytesStored = written.storedBytes
        report.counts = counts
        report.isIncomplete = counts.errors > 0
        report.durationNanoseconds = Clock.monotonicNanoseconds() - started
        if options.skipIfUnchanged, !report.isIncomplete, let parent,
            try isUnchanged(taken.root.content, parent, sources)
        {
            return report
        }
        guard let id = SnapshotID(randomBytes(SnapshotID.byteCount)) else { return report }
        let manifest = SnapshotManifest(
            id: id, time: options.time, host: options.host, user: options.user, sources: sources,
            root: taken.root, statList: taken.statList, parent: parent?.id, tags: options.tags,
            description: options.description, isIncomplete: report.isIncomplete, counts: counts,
            durationSeconds: Double(report.durationNanoseconds) / 1e9, program: options.program)
        if Interrupts.isRequested { throw ArchiveError.interrupted }
        try session.commit(manifest, segments: segments, SnapshotSummary(manifest))
        report.snapshot = id
        return report
    }

    /// Whether each source is as it was in the parent: for a stream its bytes, for a path its entry
    /// with all that is below. What stands above the sources does not count.
    private func isUnchanged(
        _ root: Content, _ parent: SnapshotManifest, _ sources: [SnapshotManifest.Source]
    ) throws -> Bool {
        if root == parent.root.content { return true }
        var reader = try ChunkReader(repository)
        for source in sources {
            let path = source.name.split(separator: UInt8(ascii: "/")).map(Array.init)
            guard !path.isEmpty, let now = try reader.find(path, below: root),
                let before = try reader.find(path, below: parent.root.content),
                source.kind == .path ? now == before : now.content == before.content
            else { return false }
        }
        return true
    }

    /// The paths that exist; what does not is told, unless nothing does.
    private func present(_ paths: [String]) throws -> [String] {
        var present: [String] = []
        var failure: SystemError?
        for path in paths {
            do throws(SystemError) {
                _ = try File.status(of: path, follow: false)
                // Who ends a link with a slash means what it leads to.
                present.append(
                    path.count > 1 && path.hasSuffix("/") ? try File.realPath(path) : path)
            } catch {
                failure = error
                observer(.failed(path: path, reason: error.reason))
            }
        }
        if present.isEmpty, let failure, let path = paths.last {
            throw failure.isMissing
                ? ArchiveError.missingSource(path: path)
                : .unreadableSource(path: path, reason: failure.reason)
        }
        return present
    }

    private func sourceNames(_ source: SnapshotSource) throws -> [SnapshotManifest.Source] {
        switch source {
        case .stream(let name, let kind, _, _):
            return [SnapshotManifest.Source(kind: kind, name: Array(name.utf8))]
        case .paths(let paths):
            guard !paths.isEmpty else { throw ArchiveError.noSources }
            let working = try Environment.workingDirectory()
            let absolute = Set(
                try present(paths).map { SourceTree.absolute($0, from: working) })
            return absolute.sorted { $0.lexicographicallyPrecedes($1) }.map {
                SnapshotManifest.Source(kind: .path, name: $0)
            }
        }
    }

    /// The snapshot to compare with; none when the repository has lost something that its chunks may
    /// need, so that everything is read again and what is lost is stored anew.
    private func usableParent(
        of sources: [SnapshotManifest.Source], _ session: WriteSession
    ) throws -> SnapshotManifest? {
        guard let flaw = session.flaw else { return try parent(of: sources) }
        observer(
            .noted(
                path: "the repository",
                reason: "it is damaged (\(flaw)); everything is read again, and what is "
                    + "lost is stored anew"))
        return nil
    }

    /// The manifest of the snapshot to compare with; a damaged one is told and done without.
    private func parent(of sources: [SnapshotManifest.Source]) throws -> SnapshotManifest? {
        let snapshots = repository.state.snapshots
        let entry: RepositoryState.SnapshotEntry?
        switch options.parent {
        case .snapshot(let id): entry = snapshots.first { $0.id == id }
        case .automatic:
            let names = sources.map(\.displayName)
            entry =
                SnapshotReference.oldestFirst(
                    snapshots.filter {
                        $0.summary.host == options.host && $0.summary.sources == names
                    }
                ).last
        }
        guard let entry else { return nil }
        do {
            return try repository.manifest(entry)
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            observer(.noted(path: "snapshot \(entry.id.hex.prefix(8))", reason: "\(error)"))
            return nil
        }
    }
}

/// Takes the root's content from whichever thread stores it.
private final class RootBox: Sendable {
    private let found = Mutex<SnapshotManifest.Root?>(nil)

    func set(_ content: Content, entries: Int) {
        found.withLock { $0 = SnapshotManifest.Root(content: content, entries: entries) }
    }

    func root() throws -> SnapshotManifest.Root {
        guard let root = found.withLock({ $0 }) else {
            throw ArchiveError.streamFailed(reason: "the root directory was never completed")
        }
        return root
    }
}

extension SnapshotManifest.Source {
    public var displayName: String { String(decoding: name, as: UTF8.self) }
}

extension SnapshotSummary {
    init(_ manifest: SnapshotManifest) {
        let counts = manifest.counts
        self.init(
            time: manifest.time, host: manifest.host, user: manifest.user,
            sources: manifest.sources.map(\.displayName), tags: manifest.tags,
            description: manifest.description, isIncomplete: manifest.isIncomplete,
            files: counts.files, directories: counts.directories, bytes: counts.bytes,
            chunksNew: counts.chunksNew, bytesNew: counts.bytesNew,
            bytesStored: counts.bytesStored, errors: counts.errors,
            durationNanoseconds: Int64(manifest.durationSeconds * 1e9))
    }
}

extension WriteReport {
    init(_ counts: WriteCounts) {
        self.init()
        bytesNew = counts.bytes
        chunksNew = counts.chunks
        bytesStored = counts.storedBytes
        bytesSimilar = counts.deltaBytes
        bytesSimilarStored = counts.deltaStoredBytes
        bytesIncompressible = counts.incompressibleBytes
    }
}
