import Synchronization
import VarveCatalog
import VarveCodec
import VarveFormat
import VarveStorage
import VarveSystem

/// The catalog of a repository, kept equal to the segments that its log names.
final class Index: Sendable {
    let catalog: Catalog
    private let storage: any Storage
    private let keys: SealingKeys
    private struct Covered {
        var segments: [SegmentID] = []
        /// Written by this process and not committed yet.
        var own: [SegmentID] = []
        var swept: Set<PackID> = []
        /// Packs that a segment names and the storage does not hold.
        var missing: Set<PackID> = []
        /// Copies that the log says are lost.
        var lost: [PackID: Set<ChunkID>] = [:]
        /// What is named in them is named elsewhere, or goes.
        var condemned: Set<SegmentID> = []
        /// Segments that cannot be read, and why; the others serve without them.
        var damaged: [SegmentID: RepositoryError] = [:]
        /// When `findMissing` last looked, by the monotonic clock.
        var looked: Int64?
    }

    private let covered = Mutex(Covered())

    private static let segmentBytesMax = UnitKind.segment.bodyLimit + UnitHeader.overhead

    init(
        directory: String, repository: RepositoryID, storage: any Storage, keys: SealingKeys
    ) throws {
        catalog = try Catalog(directory: directory, repository: repository)
        self.storage = storage
        self.keys = keys
    }

    /// Covers the segments that `state` names and this process's own; reads those that are new.
    ///
    /// Nothing in the packs `swept` is answered.
    func follow(_ state: RepositoryState, swept: Set<PackID>) throws {
        try covered.withLock { covered in
            covered.segments = state.segments
            covered.swept = swept
            covered.condemned = state.condemnedSegments
            covered.lost = [:]
            for copy in state.lost { covered.lost[copy.pack, default: []].insert(copy.chunk) }
            catalog.setLost(covered.lost)
            do {
                try cover(&covered)
            } catch is CatalogError {
                catalog.dropAll()
                try cover(&covered)
            }
        }
    }

    /// Adds a segment that this process wrote.
    func add(_ segment: Segment, id: SegmentID) throws {
        try covered.withLock { covered in
            covered.own.append(id)
            do {
                try catalog.add(SegmentEntries(segment, id: id))
            } catch is CatalogError {
                // An older run that was to be merged with it is damaged.
                catalog.dropAll()
                try cover(&covered)
            }
        }
    }

    /// The session has ended: what it wrote counts only where `state` names it.
    func endSession(_ state: RepositoryState, swept: Set<PackID>) throws {
        covered.withLock { $0.own = [] }
        try follow(state, swept: swept)
    }

    /// Looks which segments and packs the storage really holds; what only the cache knows of, and
    /// what lies in missing packs, is answered no more.
    ///
    /// Does nothing when it looked no more than `age` nanoseconds ago.
    func findMissing(knownFor age: Int64) throws {
        let now = Clock.monotonicNanoseconds()
        let looked = covered.withLock { $0.looked }
        if let looked, now - looked < age { return }
        // Where nothing was ever named nothing can be missing.
        guard covered.withLock({ !$0.segments.isEmpty || !$0.own.isEmpty }) else { return }
        let (segments, packs): (Set<String>, Set<PackID>)
        do {
            segments = Set(try storage.list(ObjectName.segments).map(\.name))
            packs = Set(
                try storage.list(ObjectName.packs).compactMap {
                    PackID(hex: String($0.name.suffix(64)))
                })
        } catch {
            throw RepositoryError.storage(error)
        }
        try covered.withLock { covered in
            covered.looked = now
            let gone = covered.segments.filter { !segments.contains(ObjectName.segment($0)) }
            for id in gone where !covered.condemned.contains(id) {
                covered.damaged[id] = .damaged(ObjectName.segment(id), "it is missing")
            }
            if !gone.isEmpty {
                catalog.keepOnly(segments: Set(covered.segments + covered.own).subtracting(gone))
            }
            covered.missing = []
            catalog.setDeadPacks(covered.swept)
            let absent = Set(catalog.packs.filter { !packs.contains($0) })
            do {
                covered.missing = try missed(absent, covered)
            } catch is CatalogError {
                catalog.dropAll()
                try cover(&covered)
                covered.missing = try missed(absent, covered)
            }
            catalog.setDeadPacks(covered.swept.union(covered.missing))
        }
    }

    /// Packs that only condemned segments name: such a segment may be damaged, so that only this
    /// machine's cache still knows what it said.
    func packsLosingTheirName(_ state: RepositoryState) -> Set<PackID> {
        let condemned = state.condemnedSegments
        guard !condemned.isEmpty else { return [] }
        return catalog.packs(namedBy: condemned)
            .subtracting(catalog.packs(namedBy: state.standingSegments))
    }

    /// Answers no more what lies in `packs`.
    func setMissing(_ packs: Set<PackID>) {
        covered.withLock { covered in
            covered.missing = packs
            catalog.setDeadPacks(covered.swept.union(packs))
        }
    }

    /// Reads each segment from the storage, whatever the cache knows, and returns what is wrong; one
    /// that is condemned is named again in others.
    func check(_ state: RepositoryState) throws -> [RepositoryError] {
        var damage: [RepositoryError] = []
        let condemned = state.condemnedSegments
        for id in state.segments {
            do {
                _ = try load(id)
            } catch let error as RepositoryError {
                guard case .damaged = error else { throw error }
                if !condemned.contains(id) { damage.append(error) }
            }
        }
        return damage
    }

    /// Whether something that the log names is known to be missing or damaged, in words for people;
    /// nil when nothing is.
    var flaw: String? {
        covered.withLock { covered in
            var flaws: [String] = []
            if !covered.damaged.isEmpty {
                flaws.append("\(covered.damaged.count) index segments cannot be read")
            }
            if !covered.missing.isEmpty {
                flaws.append("\(covered.missing.count) packs are missing")
            }
            return flaws.isEmpty ? nil : flaws.joined(separator: ", ")
        }
    }

    /// Chunks of which a copy is lost.
    var lost: Set<ChunkID> { covered.withLock { Set($0.lost.values.joined()) } }

    /// What the cache held was damaged: reads everything anew.
    func rebuild() throws {
        try covered.withLock { covered in
            catalog.dropAll()
            try cover(&covered)
        }
    }

    /// Why a chunk has no place: no segment names it, or the one that does cannot be read.
    func unknown(_ id: ChunkID) -> RepositoryError {
        covered.withLock { $0.damaged.min { $0.key < $1.key } }?.value
            ?? .damaged(
                object: "chunk \(id)", reason: "no index segment names it",
                affects: "it may still be in the packs")
    }

    private func cover(_ covered: inout Covered) throws {
        let wanted = covered.segments + covered.own
        catalog.keepOnly(segments: Set(wanted))
        catalog.setDeadPacks(covered.swept.union(covered.missing))
        let known = catalog.segments
        covered.damaged = [:]
        let isFar = storage.connections > 1
        var new = wanted.filter { !known.contains($0) }[...]
        while !new.isEmpty {
            let batch = new.prefix(isFar ? ReadLimits.segmentsAtOnce : 1)
            new = new.dropFirst(batch.count)
            for (id, loaded) in zip(batch, try entries(of: Array(batch))) {
                do {
                    try catalog.add(try loaded.get())
                } catch let error as RepositoryError {
                    guard case .damaged = error else { throw error }
                    if !covered.condemned.contains(id) { covered.damaged[id] = error }
                }
            }
        }
    }

    /// What some segments list, each read by a thread of its own.
    private func entries(of ids: [SegmentID]) throws -> [Result<SegmentEntries, any Error>] {
        if ids.count == 1 { return [Result { SegmentEntries(try load(ids[0]), id: ids[0]) }] }
        let loaded = Mutex<[Int: Result<SegmentEntries, any Error>]>([:])
        try WorkerThreads.run(count: ids.count, name: "index") { number in
            let entries = Result {
                SegmentEntries(try self.load(ids[number]), id: ids[number])
            }
            loaded.withLock { $0[number] = entries }
        }
        return loaded.withLock { loaded in ids.indices.compactMap { loaded[$0] } }
    }

    /// Those of the absent packs in which something is not known to be lost.
    private func missed(
        _ absent: Set<PackID>, _ covered: borrowing Covered
    ) throws -> Set<PackID> {
        let suspects = absent.filter { covered.lost[$0] != nil }
        guard !suspects.isEmpty else { return absent }
        var missed = absent.subtracting(suspects)
        try catalog.forEachChunkWithCopies { _, places in
            for place in places {
                let pack = catalog.packID(place.pack)
                if suspects.contains(pack) { missed.insert(pack) }
            }
        }
        return missed
    }

    /// Reads and opens a segment.
    func load(_ id: SegmentID) throws -> Segment {
        try Self.segment(id, in: storage, keys)
    }

    /// Reads and opens a segment of some storage.
    static func segment(
        _ id: SegmentID, in storage: any Storage, _ keys: SealingKeys
    ) throws -> Segment {
        let name = ObjectName.segment(id)
        do {
            let bytes = try storage.get(name, limit: segmentBytesMax)
            guard try SegmentID(digestOf: bytes) == id else {
                throw FormatError.invalid("its content does not fit its name")
            }
            var sealer = try UnitSealer(keys)
            return try Segment(sealer.open(.segment, bytes))
        } catch let error as StorageError {
            throw RepositoryError.reading(error)
        } catch {
            throw RepositoryError.damaged(
                object: name, reason: "\(error)",
                affects: "what it lists can be found again in the packs")
        }
    }
}

extension SegmentEntries {
    init(_ segment: Segment, id: SegmentID) {
        let frames = segment.packs.lazy.flatMap(\.table.frames)
        self.init(segment: id, chunkCountExpected: frames.reduce(0) { $0 + $1.chunks.count })
        for pack in segment.packs {
            beginPack(pack.id)
            for frame in pack.table.frames { append(frame, pack.table.contents) }
        }
    }

    private mutating func append(_ frame: TableOfContents.Frame, _ contents: PackContents) {
        for (position, chunk) in frame.chunks.enumerated() {
            let place = ChunkPlace(
                frameOffset: UInt32(frame.offset), frameBytes: UInt32(frame.bytes),
                position: UInt16(position), isDelta: frame.codec == .delta,
                rawBytes: UInt32(chunk.rawBytes), contents: contents)
            append(
                CatalogChunk(
                    id: chunk.id, place: place, features: chunk.features, base: chunk.base))
        }
    }
}
