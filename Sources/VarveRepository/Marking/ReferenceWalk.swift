import Synchronization
public import VarveFormat

/// Walks what some chunks refer to, down to the bytes of files, which it names but does not read.
///
/// Chunks are read many at a time, in the order in which they lie in their packs.
public struct ReferenceWalk: ~Copyable {
    private let repository: Repository
    private var reader: ChunkReader

    /// Chunks that are read at once; what they refer to is in memory.
    private static let chunksTogether = 4 << 10
    /// So few are not worth threads.
    private static let chunksAlone = 4

    public init(_ repository: Repository) throws {
        reader = try ChunkReader(repository)
        self.repository = repository
    }

    /// Calls `enter` for each reference, the given ones first; what it answers true for is read if it
    /// may refer to others.
    ///
    /// Where the same chunk comes again, it is for `enter` to know that it was there before.
    /// `damaged` is told of what cannot be read, and may end the walk by throwing.
    public mutating func run(
        _ references: [Reference], enter: (Reference) throws -> Bool,
        damaged: (Reference, RepositoryError) throws -> Void
    ) throws {
        var waiting: [Reference] = []
        func meet(_ references: [Reference]) throws {
            for reference in references where try enter(reference) && reference.isBranch {
                waiting.append(reference)
            }
        }
        try meet(references)
        while !waiting.isEmpty {
            // From the end, so that what waits stays short.
            let batch = Array(waiting.suffix(Self.chunksTogether))
            waiting.removeLast(batch.count)
            for (reference, found) in zip(batch, try read(batch)) {
                switch found {
                case .success(let named): try meet(named)
                case .failure(let error): try damaged(reference, error)
                }
            }
        }
    }

    private typealias Found = Result<[Reference], RepositoryError>

    private mutating func read(_ batch: [Reference]) throws -> [Found] {
        guard batch.count > Self.chunksAlone else { return try batch.map { try read($0) } }
        let found = Mutex([Found?](repeating: nil, count: batch.count))
        let requests = batch.enumerated().map { ChunkRequest(id: $1.id, bytes: nil, tag: $0) }
        try ReadPlan(repository, requests).run { tag, bytes in
            let named = Self.references(of: batch[tag], bytes)
            found.withLock { $0[tag] = named }
        } damaged: { tag, error in
            found.withLock { $0[tag] = .failure(error) }
        }
        return found.withLock { $0.compactMap(\.self) }
    }

    private mutating func read(_ reference: Reference) throws -> Found {
        do {
            return try reader.load(reference.id) { Self.references(of: reference, $0) }
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            return .failure(error)
        }
    }

    private static func references(
        of reference: Reference, _ bytes: UnsafeRawBufferPointer
    ) -> Found {
        guard reference.levels > 0 || bytes.count == reference.bytes else {
            return .failure(ChunkReader.wrongLength(reference.id))
        }
        do throws(FormatError) {
            return .success(try reference.references(in: bytes))
        } catch {
            return .failure(.damaged("chunk \(reference.id)", error.description))
        }
    }
}
