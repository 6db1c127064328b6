import Synchronization
package import VarveCatalog
public import VarveCodec
import VarveCrypto
public import VarveFormat
public import VarveStorage
import VarveSystem

/// An open repository: its keys, its log, its index.
public final class Repository: Sendable {
    public let id: RepositoryID
    public let storage: any Storage
    let openKeys: OpenKeys
    /// Cuts content and finds resemblance, alike in all repositories with the same secret.
    public let gear: Gear
    let log: CommitLog
    let directories: LocalDirectories
    /// Frames that chunks were read from.
    let frames = FrameCache(bytesMax: WriteLimits.frameCacheBytes, size: \.byteCount)
    let frameMemory: FrameMemory
    /// What spans of stored frames are read into.
    let spanMemory = FrameMemory(
        usualBytes: ReadLimits.spanBytes, spares: ReadLimits.spansAhead)
    private let index = Mutex<Index?>(nil)
    private let isInSession = Mutex(false)

    init(
        id: RepositoryID, storage: any Storage, keys: OpenKeys, log: CommitLog,
        directories: LocalDirectories
    ) throws {
        self.id = id
        self.storage = storage
        openKeys = keys
        self.log = log
        self.directories = directories
        frameMemory = FrameMemory(
            usualBytes: log.state.parameters.frameBytes, spares: WriteLimits.framesSpare)
        gear = try Gear(secret: keys.inForce.keyring.chunkerSecret)
    }

    /// What seals and opens units, also after a rotation.
    public var keys: SealingKeys { openKeys.sealing }

    /// What the log added up to when it was last read.
    public var state: RepositoryState { log.state }

    public var chunker: ChunkerParameters {
        get throws {
            let average = state.parameters.chunkBytesAverage
            guard let parameters = ChunkerParameters(average: average) else {
                throw RepositoryError.damaged(
                    ObjectName.record(0), "the average chunk length is out of bounds")
            }
            return parameters
        }
    }

    /// The index of all committed chunks, loaded at the first call.
    func loadIndex() throws -> Index {
        try index.withLock { index in
            if let index { return index }
            let opened = try Index(
                directory: cacheDirectory, repository: id, storage: storage, keys: keys)
            try opened.follow(state, swept: log.view.swept)
            index = opened
            return opened
        }
    }

    /// The catalog of what `state` names, and of what this process wrote.
    package func catalog(following state: RepositoryState) throws -> Catalog {
        let index = try loadIndex()
        try index.follow(state, swept: log.view.swept)
        return index.catalog
    }

    /// One session at a time: a second would rely on chunks that the first may give up.
    func beginSession() {
        let isFirst = isInSession.withLock { isInSession in
            defer { isInSession = true }
            return !isInSession
        }
        precondition(isFirst, "an open repository has one session at a time; open it twice for two")
    }

    func endSession() { isInSession.withLock { $0 = false } }

    /// Reads the whole index from the storage, past this machine's cache, and returns its damage.
    public func checkIndex() throws -> [RepositoryError] { try loadIndex().check(state) }

    /// What this machine remembers of the index was damaged: reads everything anew.
    package func rebuildIndex() throws { try loadIndex().rebuild() }

    /// From here on the index is made of what can be read in the storage now, and of no pack in
    /// `missing`; this machine's cache, which may know more, stays as it is.
    package func distrustCache(missing: Set<PackID>) throws {
        // Nothing can be made below this, so that the catalog is a temporary one.
        let own = try Index(
            directory: "/dev/null/index", repository: id, storage: storage, keys: keys)
        try own.follow(state, swept: log.view.swept)
        own.setMissing(missing)
        index.withLock { $0 = own }
    }

    /// Lets the index answer from packs that no segment names, until `endTrial`.
    package func tryOut(_ packs: [Segment.Pack]) throws {
        guard let id = SegmentID(randomBytes(SegmentID.byteCount)) else { return }
        try loadIndex().add(Segment(packs: packs), id: id)
    }

    package func endTrial() throws { try loadIndex().endSession(state, swept: log.view.swept) }

    /// Chunks that do not resolve because copies are lost.
    package func unresolvedChunks() throws -> Set<ChunkID> { try loadIndex().unresolved() }

    /// The newest record that may have taken away what an earlier state named; 0 for none.
    package var lastUpheaval: UInt64 { log.view.lastUpheaval }

    /// Where this machine keeps what it knows of the repository, and can do without.
    package var cacheDirectory: String { directories.cache + "/" + id.hex }

    /// Where it keeps what it knows of the bytes in this place: a copy of the repository elsewhere
    /// may be damaged where this one is whole.
    package var placeDirectory: String {
        cacheDirectory + "/places/" + LocalDirectories.name(of: storage.location)
    }

    /// Where it keeps what must survive a cleaning of caches; nil keeps none.
    package var stateDirectory: String? { directories.state }

    /// Reads what others committed since, and brings the index up to it.
    public func refresh() throws { try refresh(knownFor: 0) }

    /// The same, but goes by the log as it was read no more than `age` nanoseconds ago.
    func refresh(knownFor age: Int64) throws {
        if age == 0 || log.age > age { try log.refresh() }
        if let index = index.withLock({ $0 }) { try index.follow(state, swept: log.view.swept) }
    }
}
