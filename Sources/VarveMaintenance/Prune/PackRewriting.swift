import VarveFormat
import VarveRepository
import VarveSystem

/// Writes what is needed of some packs into new ones.
struct PackRewriting: ~Copyable {
    private let session: WriteSession
    private let use: RepositoryUse
    private var writer: ChunkWriter
    private var reader: ChunkReader
    /// Deltas that are stored as full chunks from now on, and the bases that only they needed.
    private var encodedAnew: Set<ChunkID> = []
    private var basesDropped: Set<Copy> = []
    private let regrouping: Regrouping
    /// Chunks that are written after all else, in order, and where they lie.
    private var waiting: [ChunkID: [Waiting]] = [:]
    /// Packs that could not be read as a whole, and why.
    private(set) var damaged: [(pack: PackID, reason: String)] = []

    private struct Waiting {
        var frame: TableOfContents.Frame
        var position: Int
        var pack: PrunePlan.Pack
    }

    init(
        _ session: WriteSession, _ use: RepositoryUse, leaving: [ObjectReference],
        _ regrouping: Regrouping
    ) throws {
        let writer = try ChunkWriter(session)
        let reader = try ChunkReader(session.repository)
        self.session = session
        self.use = use
        self.writer = writer
        self.reader = reader
        self.regrouping = regrouping
        let leaving = Set(leaving.compactMap(\.pack))
        for base in use.bases.values where leaving.contains(base.copy.pack) {
            // With its base the only delta on it takes more room than the chunk alone.
            guard base.deltas.count == 1, let delta = base.deltas.first,
                leaving.contains(delta.copy.pack)
            else { continue }
            encodedAnew.insert(delta.id)
            basesDropped.insert(base.copy)
        }
    }

    /// Writes what is needed of a pack; one that is damaged is noted.
    mutating func rewrite(_ pack: PrunePlan.Pack) throws {
        if Interrupts.isRequested { throw RepositoryError.interrupted }
        guard let frames = use.packs[pack.id]?.frames else { return }
        let name = ObjectName.pack(pack.id, pack.contents)
        do {
            for frame in try session.repository.tableOfContents(of: name).table.frames {
                guard let need = frames[UInt32(frame.offset)] else { continue }
                try rewrite(frame, need, pack)
            }
        } catch let error as RepositoryError {
            guard case .damaged(let object, let reason, _) = error else { throw error }
            damaged.append((pack.id, "\(object): \(reason)"))
        }
    }

    private mutating func rewrite(
        _ frame: TableOfContents.Frame, _ need: FrameUse, _ pack: PrunePlan.Pack
    ) throws {
        let positions = frame.chunks.indices.filter { position in
            let position = UInt16(position)
            let copy = Copy(pack: pack.id, frame: UInt32(frame.offset), position: position)
            return need.used.contains(position) && !basesDropped.contains(copy)
        }
        let place = ReadingCost.Frame(pack: pack.id, offset: UInt32(frame.offset))
        let apart = positions.filter { regrouping.contains(UInt16($0), of: place) }
        for position in apart {
            // Of one chunk a delta may be kept, and a full copy for deltas on it.
            waiting[frame.chunks[position].id, default: []].append(
                Waiting(frame: frame, position: position, pack: pack))
        }
        let isChanged = frame.chunks.contains { encodedAnew.contains($0.id) }
        if positions.count == frame.chunks.count, apart.isEmpty, !isChanged {
            return try writer.copy(frame, of: pack.id, pack.contents)
        }
        for position in positions where !apart.contains(position) {
            try copy(position, of: frame, in: pack)
        }
    }

    private mutating func copy(
        _ position: Int, of frame: TableOfContents.Frame, in pack: PrunePlan.Pack
    ) throws {
        let chunk = frame.chunks[position]
        if frame.codec == .delta, !encodedAnew.contains(chunk.id) {
            try writer.copyDelta(position, of: frame, in: pack.id, pack.contents, &reader)
        } else {
            try writer.copyFull(chunk, pack.contents, &reader)
        }
    }

    /// Writes what scattered snapshots need, in the order of their trees.
    mutating func writeInOrder() throws {
        guard !waiting.isEmpty else { return }
        // Frames of their own.
        try writer.flush()
        for (references, _) in regrouping.scattered {
            var walk = try ReferenceWalk(session.repository)
            var branches: Set<Reference> = []
            try walk.run(references) { reference in
                try write(reference.id)
                return reference.isBranch && branches.insert(reference).inserted
            } damaged: { _, error in
                throw error
            }
        }
        // What only a damaged tree would lead to.
        for id in waiting.keys.sorted() { try write(id) }
    }

    private mutating func write(_ id: ChunkID) throws {
        guard let copies = waiting.removeValue(forKey: id) else { return }
        if Interrupts.isRequested { throw RepositoryError.interrupted }
        for chunk in copies {
            // Nearer to the delta than to anything else that needs it.
            if let base = chunk.frame.chunks[chunk.position].base { try write(base) }
            do {
                try copy(chunk.position, of: chunk.frame, in: chunk.pack)
            } catch let error as RepositoryError {
                guard case .damaged(let object, let reason, _) = error else { throw error }
                damaged.append((chunk.pack.id, "\(object): \(reason)"))
            }
        }
    }

    /// Makes everything durable; the segments that name it.
    mutating func finish() throws -> [SegmentID] {
        try writer.flush()
        return try session.finish()
    }
}
