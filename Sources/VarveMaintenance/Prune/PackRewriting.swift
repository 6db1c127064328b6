import VarveCatalog
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
    /// What could not be read of the packs, and why.
    private(set) var damaged: [String] = []
    /// Whether all that is needed could be had, from other copies where it was damaged.
    private(set) var isComplete = true

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

    /// Writes what is needed of a pack; what is damaged in it is noted, and taken from other copies.
    mutating func rewrite(_ pack: PrunePlan.Pack) throws {
        if Interrupts.isRequested { throw RepositoryError.interrupted }
        guard var missing = use.packs[pack.id]?.frames.filter({ !$0.value.used.isEmpty }) else {
            return
        }
        for frame in try table(of: pack).frames {
            guard let need = missing.removeValue(forKey: UInt32(frame.offset)) else { continue }
            try rewrite(frame, need, pack)
        }
        if !missing.isEmpty { isComplete = false }
    }

    /// The table of contents of a pack: its own, or when that is damaged what a segment says of it.
    private mutating func table(of pack: PrunePlan.Pack) throws -> TableOfContents {
        let repository = session.repository
        do {
            return try repository.tableOfContents(of: ObjectName.pack(pack.id, pack.contents)).table
        } catch RepositoryError.damaged(let object, let reason, _) {
            note(object, reason)
        }
        let packs = try repository.catalog(following: repository.state).packsOfSegments
        for segment in packs.filter({ $0.value.contains(pack.id) }).keys.sorted() {
            do {
                let found = try repository.segment(segment).packs.first { $0.id == pack.id }
                if let found { return found.table }
            } catch RepositoryError.damaged(let object, let reason, _) {
                note(object, reason)
            }
        }
        return TableOfContents(contents: pack.contents)
    }

    private mutating func note(_ object: String, _ reason: String) {
        let damage = "\(object): \(reason)"
        // Each chunk of a frame finds out for itself.
        if !damaged.contains(damage) { damaged.append(damage) }
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
            do {
                return try writer.copy(frame, of: pack.id, pack.contents)
            } catch RepositoryError.damaged(let object, let reason, _) {
                note(object, reason)
            }
        }
        for position in positions where !apart.contains(position) {
            try copy(position, of: frame, in: pack)
        }
    }

    /// Writes one chunk, from whichever of its copies can be read.
    private mutating func copy(
        _ position: Int, of frame: TableOfContents.Frame, in pack: PrunePlan.Pack
    ) throws {
        let chunk = frame.chunks[position]
        if frame.codec == .delta, !encodedAnew.contains(chunk.id) {
            do {
                return try writer.copyDelta(
                    position, of: frame, in: pack.id, pack.contents, &reader)
            } catch RepositoryError.damaged(let object, let reason, _) {
                note(object, reason)
            }
        }
        do {
            try writer.copyFull(chunk, pack.contents, &reader)
        } catch RepositoryError.damaged(let object, let reason, _) {
            note(object, reason)
            isComplete = false
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
            try copy(chunk.position, of: chunk.frame, in: chunk.pack)
        }
    }

    /// Makes everything durable; the segments that name it.
    mutating func finish() throws -> [SegmentID] {
        try writer.flush()
        return try session.finish()
    }
}
