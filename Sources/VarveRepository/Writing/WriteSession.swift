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
    let frames: FrameCache
    /// The state on which this session's view of the index stands.
    public let start: RepositoryState
    let chunkBytesMax: Int
    /// What is missing of the repository, in words; then nothing is taken over from a parent, and only
    /// what surely can be read counts as stored.
    public let flaw: String?
    private let totals = Mutex(WriteCounts())
    /// From then on a record may name what was written, whatever the storage answered.
    private let hasTriedCommit = Mutex(false)

    private init(
        _ repository: Repository, level: CompressionLevel, storageKnownFor age: Int64
    ) throws {
        try repository.refresh()
        self.repository = repository
        self.level = level
        index = try repository.loadIndex()
        start = repository.state
        try index.findMissing(knownFor: age)
        flaw = index.flaw
        chunkBytesMax = try repository.chunker.max
        packs = SessionPacks(storage: repository.storage)
        frames = repository.frames
        uploads = PackUploads(repository, index, chunks, packs)
        try uploads.start()
    }

    /// Reads the log to its head and runs `body` with a session, which ends with it.
    ///
    /// Each session looks what the storage really holds; of many that follow each other, one that
    /// begins within `age` nanoseconds after such a look goes by that one.
    public static func run<Answer>(
        _ repository: Repository, level: CompressionLevel = .standard,
        storageKnownFor age: Int64 = 0,
        _ body: (WriteSession) throws -> Answer
    ) throws -> Answer {
        repository.beginSession()
        defer { repository.endSession() }
        let session = try WriteSession(repository, level: level, storageKnownFor: age)
        // Else a later session would rely on chunks that no record ever named.
        defer { try? session.index.endSession(repository.state) }
        do {
            let answer = try body(session)
            if !session.hasTriedCommit.withLock({ $0 }) { session.takeBack() }
            return answer
        } catch {
            session.uploads.cancel()
            session.takeBack()
            throw error
        }
    }

    /// Removes what this session wrote, as long as no record can name it.
    ///
    /// Nobody else can rely on it: its packs have names that nobody could guess, and the index that
    /// names them was never committed.
    private func takeBack() {
        let packs = packs.discard()
        guard !hasTriedCommit.withLock({ $0 }) else { return }
        for id in uploads.segmentsWritten {
            try? repository.storage.remove(ObjectName.segment(id))
        }
        for (id, contents) in packs {
            try? repository.storage.remove(ObjectName.pack(id, contents))
        }
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

    /// Makes everything durable that was written; all writers must have flushed.
    ///
    /// Returns the segments that name it.
    public func finish() throws -> [SegmentID] {
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
    public func commit(
        _ manifest: SnapshotManifest, segments: [SegmentID], _ summary: SnapshotSummary
    )
        throws
    {
        var sealer = try UnitSealer(repository.keys)
        let bytes = try sealer.seal(.manifest, body: try manifest.encoded())
        let id = try ManifestID(digestOf: bytes)
        do {
            try repository.storage.put(ObjectName.manifest(id), bytes)
        } catch {
            throw RepositoryError.storage(error)
        }
        try repository.log.append { state in
            try check(state)
            hasTriedCommit.withLock { $0 = true }
            return .commit(
                Commit(
                    snapshot: manifest.id, manifest: id, segments: segments, summary: summary))
        }
        if let directory = repository.storage as? DirectoryStorage {
            let stored = repository.state.snapshots.reduce(0) { $0 + $1.summary.bytesStored }
            // A disk without room for it has taken the snapshot all the same.
            try? directory.makeReserve(storedBytes: stored)
        }
    }

    /// Whether everything this session relied on still stands after what others appended.
    private func check(_ state: RepositoryState) throws {
        guard state.keyringObject == start.keyringObject else {
            throw RepositoryError.refused(
                reason: "the keys were rotated while the snapshot was taken; take it again")
        }
        guard state.swept == start.swept, state.lost == start.lost else {
            throw RepositoryError.refused(
                reason: "stored data was removed while the snapshot was taken; take it again")
        }
    }
}
