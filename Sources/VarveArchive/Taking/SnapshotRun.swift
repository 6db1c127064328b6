import Synchronization
import VarveCodec
import VarveFormat
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

    /// What is read, and what the snapshot says that it is of.
    private struct Work {
        var source: SnapshotSource
        var noted: [SnapshotManifest.Source]
        /// All sources, also those inside others.
        var tree = SourceTree([])
        /// The file systems of all sources.
        var devices: Set<UInt64> = []
    }

    /// What the walk or the stream came to.
    private struct Taken {
        var root: SnapshotManifest.Root
        var statList: Content?
        var leftOut: [String] = []
    }

    func take(_ source: SnapshotSource) throws -> SnapshotReport {
        let work = try work(on: source)
        return try WriteSession.run(
            repository, level: options.level, storageKnownFor: options.storageKnownFor
        ) { session in
            let parent = try usableParent(of: work.noted, session)
            if let parent {
                progress.expect(files: parent.counts.files, bytes: parent.counts.bytes)
            }
            if parent == nil, options.countsAhead, case .tree(let sources) = work.source {
                return try SourceEstimate.run(sources, options.excludes, progress) {
                    try take(work, session, parent)
                }
            }
            return try take(work, session, parent)
        }
    }

    private func take(
        _ work: Work, _ session: WriteSession, _ parent: SnapshotManifest?
    ) throws -> SnapshotReport {
        let pipeline = Pipeline(session, progress, counts, observer)
        try pipeline.start()
        let taken: Taken
        do {
            taken = try take(work, session, pipeline, parent)
        } catch {
            pipeline.cancel()
            throw error
        }
        if options.isDryRun {
            session.abandon()
            return report(taken, work.noted, session, parent)
        }
        let segments = try session.finish()
        return try commit(taken, work.noted, segments, session, parent)
    }

    private func take(
        _ work: Work, _ session: WriteSession, _ pipeline: Pipeline,
        _ parent: SnapshotManifest?
    ) throws -> Taken {
        let streams = try StreamReader(pipeline, session)
        let rootBox = RootBox()
        var taken: Taken
        switch work.source {
        case .tree(let paths):
            let walk = try TreeWalk(
                pipeline, streams, session, options, parent: parent, progress, counts, observer)
            walk.devices = work.devices
            walk.sourceCount = paths.count
            try walk.walk(work.tree) { rootBox.set($0) }
            try streams.finish()
            try pipeline.finish()
            taken = Taken(root: try rootBox.root(), statList: try walk.finishStatList())
            taken.leftOut = walk.leftOut
        case .stream(let name, _, let input, let confirm):
            let directory = PendingDirectory { rootBox.set($0) }
            try read(input, name, directory, streams, pipeline, parent)
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
        _ streams: StreamReader, _ pipeline: Pipeline, _ parent: SnapshotManifest?
    ) throws {
        let node = streamNode(name)
        let before = try contentBefore(node.name, streams, parent)
        let file = FileBatch.File(position: 0, name: node.name, parent: before)
        let slice = PendingSlice(of: directory, [node], [], files: 1, directories: 0)
        directory.append(slice)
        directory.endListing()
        _ = slice.release()
        progress.show(name)
        let completion = pipeline.completion
        do {
            try streams.read(input.file, parent: before) { content in
                var node = node
                node.content = content
                completion.told(file, node, slice)
                try streams.withWriter { writer, _ in
                    _ = try completion.complete(
                        [PendingSlice.Outcome(position: 0, node: node)], of: slice, &writer)
                }
            }
        } catch let failure as StreamReader.ReadFailure {
            throw ArchiveError.streamFailed(reason: failure.error.description)
        }
        try streams.finish()
    }

    private func streamNode(_ name: String) -> Node {
        var node = Node(kind: .file, name: Array(name.utf8))
        node.mode = 0o600
        node.uid = Accounts.currentUser
        node.user = Array(options.user.utf8)
        node.modified = options.time
        node.content = .empty
        return node
    }

    /// The content of the root's file of this name in the parent.
    private func contentBefore(
        _ name: [UInt8], _ streams: StreamReader, _ parent: SnapshotManifest?
    ) throws -> Content? {
        guard let parent else { return nil }
        return try streams.withWriter { _, reader in
            do {
                return try reader.nodes(of: parent.root.content).first { $0.name == name }?.content
            } catch RepositoryError.damaged {
                return nil
            }
        }
    }

    /// What was read and written, before anything is committed.
    private func report(
        _ taken: Taken, _ sources: [SnapshotManifest.Source], _ session: WriteSession,
        _ parent: SnapshotManifest?
    ) -> SnapshotReport {
        var report = SnapshotReport()
        report.sources = sources.map(\.displayName)
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
        return report
    }

    private func commit(
        _ taken: Taken, _ sources: [SnapshotManifest.Source], _ segments: [SegmentID],
        _ session: WriteSession, _ parent: SnapshotManifest?
    ) throws -> SnapshotReport {
        var report = report(taken, sources, session, parent)
        // What was lost and is stored anew counts only with a record.
        let heals = session.flaw != nil || !session.lost.isEmpty
        let isNews = heals && session.counts.chunks > 0
        if options.skipIfUnchanged, !report.isIncomplete, !isNews, let parent,
            try isUnchanged(taken.root.content, parent, sources)
        {
            return report
        }
        guard let id = SnapshotID(randomBytes(SnapshotID.byteCount)) else { return report }
        let manifest = SnapshotManifest(
            id: id, time: options.time, host: options.host, user: options.user, sources: sources,
            root: taken.root, statList: taken.statList, parent: parent?.id, tags: options.tags,
            description: options.description, isIncomplete: report.isIncomplete,
            counts: report.counts,
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

    private func work(on source: SnapshotSource) throws -> Work {
        switch source {
        case .stream(let name, let kind, _, _):
            let noted = SnapshotManifest.Source(kind: kind, name: Array(name.utf8))
            return Work(source: source, noted: [noted])
        case .tree(let paths):
            let finding = SourceFinding(
                observer, options.excludes, own: options.ownDirectories)
            let sources = try finding.find(paths)
            let devices = sources.all.compactMap { path in
                (try? File.status(of: path, follow: false))?.device
            }
            return Work(
                source: .tree(sources.paths),
                noted: sources.noted.map { SnapshotManifest.Source(kind: .path, name: $0) },
                tree: SourceTree(sources.all), devices: Set(devices))
        }
    }

    /// The snapshot to compare with; none when the repository has lost something that its chunks may
    /// need, so that everything is read again and what is lost is stored anew.
    private func usableParent(
        of sources: [SnapshotManifest.Source], _ session: WriteSession
    ) throws -> SnapshotManifest? {
        guard let flaw = session.flaw else {
            if !session.lost.isEmpty {
                observer(
                    .noted(
                        path: "the repository",
                        reason: "\(session.lost.count) chunks are lost; files that need them are "
                            + "read again"))
            }
            return try parent(of: sources)
        }
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
        guard entry.damage != Repository.unproven else {
            observer(
                .noted(
                    path: "snapshot \(entry.id.hex.prefix(8))",
                    reason: "\(entry.damage); everything is read again"))
            return nil
        }
        do {
            return try repository.manifest(entry)
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            observer(.noted(path: "snapshot \(entry.id.hex.prefix(8))", reason: "\(error)"))
            return nil
        }
    }
}

/// Takes the root from whichever thread stores it.
private final class RootBox: Sendable {
    private let found = Mutex<SnapshotManifest.Root?>(nil)

    func set(_ root: SnapshotManifest.Root) { found.withLock { $0 = root } }

    func root() throws -> SnapshotManifest.Root {
        guard let root = found.withLock({ $0 }) else {
            throw ArchiveError.streamFailed(reason: "the root directory was never completed")
        }
        return root
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
