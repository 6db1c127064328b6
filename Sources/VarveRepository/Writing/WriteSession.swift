import Synchronization
import VarveCatalog
public import VarveCodec
public import VarveFormat
import VarveStorage

/// One run of writing chunks into a repository, from opening to commit.
///
/// Threads write through a `ChunkWriter` each. Packs become durable in the background; nothing is
/// visible to anybody before `commit`.
public final class WriteSession: Sendable {
    public let repository: Repository
    let index: Index
    let level: CompressionLevel
    let chunks = SessionIndex()
    let packs: SessionPacks
    let uploads: PackUploads
    private let holds: SessionHolds
    let frames: FrameCache
    /// The state on which this session's view of the index stands.
    public let start: RepositoryState
    let chunkBytesMax: Int
    /// What is missing of the repository, in words; then nothing is taken over from a parent, and only
    /// what surely can be read counts as stored.
    public let flaw: String?
    /// Chunks that are known to be lost: whatever needs them is read again, and stores them anew.
    public let lost: Set<ChunkID>
    /// Packs that a sweep may take any day: what lies in them does not count as stored.
    private let condemned: Set<PackID>
    private let totals = Mutex(WriteCounts())
    /// The first frame that could not be written took others with it that were in its pack.
    private let failure = Mutex<RepositoryError?>(nil)
    /// From then on a record may name what was written, whatever the storage answered.
    let hasTriedCommit = Mutex(false)

    private init(
        _ repository: Repository, level: CompressionLevel, storageKnownFor age: Int64,
        _ intervals: HoldIntervals?, chunkBytesMax: Int
    ) throws {
        let isFar = repository.storage.connections > 1
        try repository.refresh(knownFor: isFar ? WriteLimits.logKnownFor : 0)
        self.repository = repository
        self.level = level
        index = try repository.loadIndex()
        start = repository.state
        condemned = start.condemnedPacks
            .union(index.packsLosingTheirName(start))
        try index.findMissing(knownFor: age)
        flaw = index.flaw
        lost = try index.unresolved()
        self.chunkBytesMax = max(try repository.chunker.max, chunkBytesMax)
        packs = SessionPacks(storage: repository.storage)
        frames = repository.frames
        uploads = PackUploads(repository, index, chunks, packs)
        holds = SessionHolds(repository, uploads, intervals ?? HoldIntervals(start.parameters))
        try uploads.start()
        do {
            try holds.start()
        } catch {
            uploads.cancel()
            throw error
        }
    }

    /// Reads the log to its head and runs `body` with a session, which ends with it.
    ///
    /// Each session looks what the storage really holds; of many that follow each other, one that
    /// begins within `age` nanoseconds after such a look goes by that one.
    ///
    /// Throws `.overtaken` when what it relied on was removed meanwhile: then run it again.
    public static func run<Answer>(
        _ repository: Repository, level: CompressionLevel = .standard,
        storageKnownFor age: Int64 = 0, holding intervals: HoldIntervals? = nil,
        _ body: (WriteSession) throws -> Answer
    ) throws -> Answer {
        let session = try begin(
            repository, level: level, storageKnownFor: age, holding: intervals)
        do {
            let answer = try body(session)
            session.end()
            return answer
        } catch {
            session.end(error)
            throw error
        }
    }

    /// Begins a session that is no block of code; `end` must follow. Chunks of `source` will come.
    package static func begin(
        _ repository: Repository, level: CompressionLevel = .standard,
        storageKnownFor age: Int64 = 0, holding intervals: HoldIntervals? = nil,
        chunksOf source: Repository? = nil
    ) throws -> WriteSession {
        repository.beginSession()
        do {
            return try WriteSession(
                repository, level: level, storageKnownFor: age, intervals,
                chunkBytesMax: try source?.chunker.max ?? 0)
        } catch {
            repository.endSession()
            throw error
        }
    }

    /// Ends the session; what no record can name, or what was written before `error`, is taken back.
    package func end(_ error: (any Error)? = nil) {
        holds.stop()
        // Where nothing was finished its threads still wait for packs.
        uploads.cancel()
        if error != nil || !hasTriedCommit.withLock({ $0 }) { takeBack() }
        // Else a later session would rely on chunks that no record ever named.
        try? endIndex()
        repository.endSession()
    }

    private func endIndex() throws {
        let view = repository.log.view
        try index.endSession(view.state, swept: view.swept)
    }

    /// Removes what this session wrote, as long as no record can name it.
    ///
    /// Nobody else can rely on it: its packs have names that nobody could guess, and the index that
    /// names them was never committed. Only a repair looks for packs that nothing names.
    private func takeBack() {
        let packs = packs.discard()
        guard !hasTriedCommit.withLock({ $0 }) else { return }
        // A log that was built anew meanwhile names what it found, and so may what maintenance has
        // written; else nothing can be known.
        guard (try? repository.log.refresh()) != nil else { return }
        let view = repository.log.view
        guard max(view.lastUpheaval, view.lastNaming) < start.number else { return }
        for id in uploads.segmentsWritten {
            try? repository.storage.remove(ObjectName.segment(id))
        }
        for (id, contents) in packs {
            try? repository.storage.remove(ObjectName.pack(id, contents))
        }
    }

    /// Whether a sweep may take the copy any day.
    func isCondemned(_ place: ChunkPlace) -> Bool {
        !condemned.isEmpty && condemned.contains(index.catalog.packID(place.pack))
    }

    /// What was written so far.
    public var counts: WriteCounts { totals.withLock { $0 } }

    func count(_ frame: SealedFrame) {
        let bytes = frame.chunks.reduce(0) { $0 + $1.rawBytes }
        totals.withLock { totals in
            totals.chunks += frame.chunks.count
            totals.bytes += bytes
            totals.storedBytes += frame.unit.count
            switch frame.codec {
            case .zstd: break
            case .stored: totals.incompressibleBytes += bytes
            case .delta:
                totals.deltaBytes += bytes
                totals.deltaStoredBytes += frame.unit.count
            }
        }
    }

    /// From now on nothing of this session can become durable, whoever passes over the error.
    func fail(_ error: RepositoryError) { failure.withLock { $0 = $0 ?? error } }

    /// Throws when a frame could not be written.
    package func checkWriting() throws {
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Makes everything durable that was written; all writers must have flushed.
    ///
    /// Returns the segments that name it.
    public func finish() throws -> [SegmentID] {
        holds.stop()
        try checkWriting()
        var sealer = try UnitSealer(repository.keys)
        do {
            for pack in packs.takeAll() { try uploads.put(pack, try pack.close(&sealer)) }
        } catch let error as StorageError {
            throw RepositoryError.storage(error)
        }
        return try uploads.finish()
    }

    /// Ends writing without making anything durable; only the counts remain.
    public func abandon() { uploads.cancel() }

    /// Makes the snapshot visible: manifest, then the one record that counts.
    ///
    /// `number` says from which record on it relied on the index, when that was before the session.
    public func commit(
        _ manifest: SnapshotManifest, segments: [SegmentID], _ summary: SnapshotSummary,
        relyingSince number: UInt64 = .max
    ) throws {
        var named = try put(manifest)
        try repository.log.append { view in
            // What no record names may be swept: then a manifest needs a name that was never seen.
            // And nothing is sealed under an old epoch.
            if view.lastUpheaval > named.head || named.epoch != repository.keys.current {
                named = try put(manifest)
            }
            try check(manifest, segments, view, since: min(number, start.number))
            hasTriedCommit.withLock { $0 = true }
            return .commit(
                Commit(
                    snapshot: manifest.id, manifest: named.id, segments: segments,
                    summary: summary, firstHold: holds.first))
        }
        repository.renewReserve()
    }

    /// Stores the manifest; its id, the head of the log before it was there, and what seals it.
    private func put(
        _ manifest: SnapshotManifest
    ) throws -> (id: ManifestID, head: UInt64, epoch: EpochID) {
        let head = repository.log.view.head.number
        let (epoch, id) = try repository.sealManifest(try manifest.encoded())
        return (id, head, epoch)
    }

    /// Throws unless everything that the snapshot needs still stands after what others appended.
    private func check(
        _ manifest: SnapshotManifest, _ segments: [SegmentID], _ view: LogView,
        since number: UInt64
    ) throws {
        guard view.lastUpheaval >= number else { return }
        try index.follow(view.state, swept: view.swept)
        var closure = Closure(repository, index, view)
        try closure.check(manifest, segments)
    }
}
