import Synchronization
import VarveFormat
import VarveRepository

/// One destination of a running sync: its session, its writers, and whether it still takes part.
///
/// A thread that has something for it takes a writer that no other thread has at the moment.
final class SyncDestination: Sendable {
    let repository: Repository
    private let source: Repository
    let sharesKeyring: Bool
    let isDry: Bool
    /// The number from which on everything relied on the index.
    let relyingSince: UInt64

    private struct Held {
        var session: WriteSession?
        var idle: [SyncWriter] = []
        var failure: (any Error)?
        var counts = SyncCounts()
        /// Stored bytes of all sessions that have finished.
        var bytesStored = 0
    }
    private let held = Mutex(Held())

    init(_ repository: Repository, of source: Repository, isDry: Bool) {
        self.repository = repository
        self.source = source
        self.isDry = isDry
        sharesKeyring = repository.sharesKeyring(with: source)
        relyingSince = repository.state.number
    }

    /// Why it takes part no more.
    var failure: (any Error)? { held.withLock { $0.failure } }
    var isActive: Bool { failure == nil }
    var counts: SyncCounts { held.withLock { $0.counts } }
    var session: WriteSession? { held.withLock { $0.session } }

    /// Runs `body` while it takes part; what is thrown ends its part, and nothing else.
    ///
    /// Nil when it takes part no more.
    @discardableResult
    func attempt<Answer>(_ body: () throws -> Answer) -> Answer? {
        guard isActive else { return nil }
        do {
            return try body()
        } catch {
            held.withLock { $0.failure = $0.failure ?? error }
            return nil
        }
    }

    /// Begins a session unless one is there.
    func begin() throws {
        guard session == nil else { return }
        let begun = try WriteSession.begin(
            repository, storageKnownFor: SyncLimits.storageKnownFor,
            chunksOf: source)
        held.withLock { $0.session = begun }
    }

    /// Lends a writer of the session to `body`.
    func withWriter<Answer>(_ body: (SyncWriter) throws -> Answer) throws -> Answer {
        let (idle, session) = held.withLock { ($0.idle.popLast(), $0.session) }
        guard let session else { throw RepositoryError.refused(reason: "no session has begun") }
        let writer = try idle ?? SyncWriter(session, sharesKeyring: sharesKeyring)
        // One that failed may hold half of something.
        let answer = try body(writer)
        held.withLock { $0.idle.append(writer) }
        return answer
    }

    func count(_ change: (inout SyncCounts) -> Void) { held.withLock { change(&$0.counts) } }

    /// Of what a session stored, all that was not copied as it was is sealed anew.
    func countStored(_ session: WriteSession) {
        held.withLock { held in
            held.bytesStored += session.counts.storedBytes
            held.counts.bytesAnew = held.bytesStored - held.counts.bytesAsSealed
        }
    }

    /// Appends what the writers have gathered.
    func flush() throws {
        for writer in held.withLock({ $0.idle }) { try writer.flush() }
    }

    /// Ends the session; what it wrote and nothing names is taken back.
    func end() {
        let (session, failure) = held.withLock { held in
            defer { (held.session, held.idle) = (nil, []) }
            return (held.session, held.failure)
        }
        session?.end(failure)
    }
}

/// A writer that one thread uses at a time.
final class SyncWriter: @unchecked Sendable {
    // Unchecked: the destination lends it to one thread at a time.
    private var writer: ChunkWriter
    private let sharesKeyring: Bool

    init(_ session: WriteSession, sharesKeyring: Bool) throws {
        writer = try ChunkWriter(session)
        self.sharesKeyring = sharesKeyring
    }

    /// Whether it is stored; false makes it this sync's task.
    func isStored(_ id: ChunkID) throws -> Bool { try writer.isStored(id) }

    func hasFull(_ id: ChunkID) throws -> Bool { try writer.hasFull(id) }

    func append(
        sealed unit: UnsafeRawBufferPointer, _ frame: TableOfContents.Frame,
        _ contents: PackContents
    ) throws {
        try writer.append(sealed: unit, frame, contents)
    }

    func pretend(_ chunks: [TableOfContents.Chunk], isDelta: Bool) {
        writer.pretend(chunks, isDelta: isDelta)
    }

    /// Seals plain bytes anew: in full what is full at the source, else as a delta where that pays.
    func add(
        _ plain: UnsafeRawBufferPointer, _ chunk: TableOfContents.Chunk, _ contents: PackContents
    ) throws {
        // Of another chunker they would lead to nothing.
        let features = sharesKeyring ? chunk.features : writer.features(of: plain)
        if let base = chunk.base {
            try writer.add(plain, id: chunk.id, features: features, hint: base, contents)
        } else {
            try writer.addFull(plain, id: chunk.id, contents, features: features)
        }
    }

    func flush() throws { try writer.flush() }
}
