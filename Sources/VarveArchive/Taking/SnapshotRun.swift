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

    /// What the walk came to.
    private struct Taken {
        var root: SnapshotManifest.Root
        var statList: Content?
        var sources: [SnapshotWork.Source]
        var leftOut: [String]
    }

    func take(_ sources: [SnapshotSource]) throws -> SnapshotReport {
        let work = try SnapshotWork(sources, options, observer)
        return try WriteSession.run(
            repository, level: options.level, storageKnownFor: options.storageKnownFor
        ) { session in
            let parent = try usableParent(of: work.sources, session)
            if let parent {
                progress.expect(files: parent.counts.files, bytes: parent.counts.bytes)
            }
            if parent == nil, options.countsAhead, !work.paths.isEmpty {
                return try SourceEstimate.run(work.paths, options.excludes, progress) {
                    try take(work, session, parent)
                }
            }
            return try take(work, session, parent)
        }
    }

    private func take(
        _ work: SnapshotWork, _ session: WriteSession, _ parent: SnapshotManifest?
    ) throws -> SnapshotReport {
        let pipeline = Pipeline(session, progress, counts, options.databases, observer)
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
            return report(taken, session, parent)
        }
        let segments = try session.finish()
        return try commit(taken, segments, session, parent)
    }

    private func take(
        _ work: SnapshotWork, _ session: WriteSession, _ pipeline: Pipeline,
        _ parent: SnapshotManifest?
    ) throws -> Taken {
        let streams = try StreamReader(pipeline, session)
        let rootBox = RootBox()
        let walk = try TreeWalk(
            pipeline, streams, session, options, work.trees, parent: parent, progress, counts,
            observer)
        walk.devices = work.devices
        walk.sourceCount = work.paths.count + work.trees.count
        try walk.walk(work.tree) { rootBox.set($0) }
        try streams.finish()
        try pipeline.finish()
        // Without paths there is nothing to compare.
        let statList = work.paths.isEmpty ? nil : try walk.finishStatList()
        try streams.withWriter { writer, _ in try writer.flush() }
        return Taken(
            root: try rootBox.root(), statList: statList,
            sources: work.sources(anchoredBy: walk.anchors), leftOut: walk.leftOut)
    }

    /// What was read and written, before anything is committed.
    private func report(
        _ taken: Taken, _ session: WriteSession, _ parent: SnapshotManifest?
    ) -> SnapshotReport {
        var report = SnapshotReport()
        report.sources = taken.sources.map(\.noted.displayName)
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
        _ taken: Taken, _ segments: [SegmentID], _ session: WriteSession,
        _ parent: SnapshotManifest?
    ) throws -> SnapshotReport {
        var report = report(taken, session, parent)
        // What was lost and is stored anew counts only with a record.
        let heals = session.flaw != nil || !session.lost.isEmpty
        let isNews = heals && session.counts.chunks > 0
        if options.skipIfUnchanged, !report.isIncomplete, !isNews, let parent,
            try isUnchanged(taken.root.content, parent, taken.sources)
        {
            return report
        }
        guard let id = SnapshotID(randomBytes(SnapshotID.byteCount)) else { return report }
        let manifest = SnapshotManifest(
            id: id, time: options.time, host: options.host, user: options.user,
            sources: taken.sources.map(\.noted), root: taken.root, statList: taken.statList,
            parent: parent?.id, tags: options.tags,
            description: options.description, isIncomplete: report.isIncomplete,
            counts: report.counts,
            durationSeconds: Double(report.durationNanoseconds) / 1e9, program: options.program)
        if Interrupts.isRequested { throw ArchiveError.interrupted }
        try session.commit(manifest, segments: segments, SnapshotSummary(manifest))
        report.snapshot = id
        return report
    }

    /// Whether each source is as it was in the parent: for a path its entry with all that is below, for
    /// others what is in it. What stands above the sources does not count.
    private func isUnchanged(
        _ root: Content, _ parent: SnapshotManifest, _ sources: [SnapshotWork.Source]
    ) throws -> Bool {
        if root == parent.root.content { return true }
        var reader = try ChunkReader(repository)
        for source in sources {
            guard !source.place.isEmpty, let now = try reader.find(source.place, below: root),
                let before = try reader.find(source.place, below: parent.root.content),
                source.noted.kind == .path ? now == before : now.content == before.content
            else { return false }
        }
        return true
    }

    /// The snapshot to compare with; none when the repository has lost something that its chunks may
    /// need, so that everything is read again and what is lost is stored anew.
    private func usableParent(
        of sources: [SnapshotWork.Source], _ session: WriteSession
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
    private func parent(of sources: [SnapshotWork.Source]) throws -> SnapshotManifest? {
        let snapshots = repository.state.snapshots
        let entry: RepositoryState.SnapshotEntry?
        switch options.parent {
        case .snapshot(let id): entry = snapshots.first { $0.id == id }
        case .automatic:
            let names = sources.map(\.noted.displayName)
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
