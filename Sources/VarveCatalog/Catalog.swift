import Synchronization
public import VarveFormat

/// This machine's disposable memory of a repository's index.
///
/// Deleting its directory changes nothing but time. Lookups never wait, and run side by side with
/// one change at a time. `CatalogError.damaged` means: `dropAll`, and add all segments again.
public final class Catalog: Sendable {
    private let changes: Mutex<CatalogChanges>
    private let current: Mutex<CatalogState>
    private let generation: Atomic<UInt64>
    private let directory: CatalogDirectory

    /// Opens the catalog that has `directory` for itself; what is absent or damaged is forgotten.
    ///
    /// Where the directory cannot be made, a temporary one serves this process; throws
    /// `SystemError` only when that fails, too.
    public convenience init(directory: String, repository: RepositoryID) throws {
        try self.init(
            directory: directory, repository: repository,
            shortRunChunks: CatalogChanges.shortRunChunks)
    }

    init(directory: String, repository: RepositoryID, shortRunChunks: Int) throws {
        self.directory = try CatalogDirectory(directory)
        let changes = CatalogChanges(
            directory: self.directory, repository: repository, shortRunChunks: shortRunChunks)
        let state = changes.state
        self.changes = Mutex(changes)
        current = Mutex(state)
        generation = Atomic(state.generation)
    }

    deinit {
        if directory.isTemporary { directory.removeAll() }
    }

    /// The first live copy of a chunk, of a delta only when `fullOnly` is false.
    public func lookup(
        _ id: ChunkID, fullOnly: Bool = false, _ cursor: inout CatalogCursor
    ) throws(CatalogError) -> ChunkPlace? {
        let state = state(&cursor)
        return try state.first(id, &cursor.chunks) { !fullOnly || !$0.isDelta }
    }

    /// All live copies of a chunk, the newest run's first.
    public func places(
        _ id: ChunkID, _ cursor: inout CatalogCursor
    ) throws(CatalogError) -> [ChunkPlace] {
        try state(&cursor).places(id, &cursor.chunks)
    }

    /// Up to three live full chunks that a chunk with these features resembles, the best first.
    public func candidates(
        _ features: SuperFeatures, _ cursor: inout CatalogCursor
    ) throws(CatalogError) -> [CatalogCandidate] {
        let state = state(&cursor)
        return try state.candidates(features, &cursor)
    }

    /// The first live full chunk whose id starts with these eight bytes, as a delta names its base.
    public func fullChunk(
        startingWith prefix: UInt64, _ cursor: inout CatalogCursor
    ) throws(CatalogError) -> CatalogCandidate? {
        try state(&cursor).fullChunk(prefix, &cursor.chunks)
    }

    /// The pack with this ordinal, which came from one of this catalog's places.
    public func packID(_ ordinal: UInt32) -> PackID {
        current.withLock { $0.packs[Int(ordinal)] }
    }

    /// Calls `body` once for each chunk that has a live copy, with all of these.
    public func forEachChunkWithCopies(
        _ body: (ChunkID, ArraySlice<ChunkPlace>) throws -> Void
    ) throws {
        try current.withLock { $0 }.forEachChunkWithCopies(body)
    }

    @inline(__always)
    private func state(_ cursor: inout CatalogCursor) -> CatalogState {
        cursor.state(generation.load(ordering: .acquiring)) { current.withLock { $0 } }
    }
}

extension Catalog {
    /// The segments that the catalog covers.
    public var segments: Set<SegmentID> {
        Set(current.withLock { $0 }.runs.flatMap(\.segments))
    }

    /// The packs that each segment names.
    public var packsOfSegments: [SegmentID: [PackID]] {
        let state = current.withLock { $0 }
        var found: [SegmentID: [PackID]] = [:]
        for run in state.runs {
            for segment in run.segments where found[segment] == nil { found[segment] = [] }
            for (pack, row) in zip(run.packs, run.packSegments) {
                found[run.segments[Int(row)]]?.append(state.packs[Int(pack)])
            }
        }
        return found
    }

    /// The packs that at least one of these segments names, of those that the catalog covers.
    public func packs(namedBy segments: some Sequence<SegmentID>) -> Set<PackID> {
        let packs = packsOfSegments
        return Set(segments.flatMap { packs[$0] ?? [] })
    }

    /// The packs that are answered now.
    public var packs: [PackID] {
        let state = current.withLock { $0 }
        return state.packs.indices.filter { state.isLive[$0] }.map { state.packs[$0] }
    }

    /// Adds a segment, unless it is covered; throws `SystemError` when the disk is full or so.
    public func add(_ entries: consuming SegmentEntries) throws {
        var entries = entries
        try change { try $0.add(&entries) }
    }

    /// Packs in `packs`, and no others, are answered no more.
    public func setDeadPacks(_ packs: Set<PackID>) { change { $0.deadPacks = packs } }

    /// These copies of chunks, and no others, are answered no more though their packs are.
    public func setLost(_ copies: [PackID: Set<ChunkID>]) { change { $0.lost = copies } }

    /// Answers only packs that `segments`, or segments added from now on, name.
    public func keepOnly(segments: Set<SegmentID>) { change { $0.keepOnly(segments) } }

    /// Forgets everything, in memory and, unless another process is at work there, on disk.
    public func dropAll() { change { $0.dropAll() } }

    public var statistics: CatalogStatistics {
        let state = current.withLock { $0 }
        return CatalogStatistics(
            runs: state.runs.count, entries: state.runs.reduce(0) { $0 + $1.chunks.count })
    }

    private func change<Failure: Error>(
        _ body: (inout CatalogChanges) throws(Failure) -> Void
    ) throws(Failure) {
        try changes.withLock { changes throws(Failure) in
            // What a failed change has left is as good an answer as what was there before.
            defer {
                let state = changes.state
                current.withLock { $0 = state }
                generation.store(state.generation, ordering: .releasing)
            }
            try body(&changes)
        }
    }
}

/// How large a catalog is.
public struct CatalogStatistics: Sendable, Equatable {
    public var runs: Int
    /// Chunk entries in all runs; a chunk may have several.
    public var entries: Int
}
