import Synchronization
import VarveCatalog
import VarveCodec
import VarveFormat
import VarveStorage

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
    func follow(_ state: RepositoryState) throws {
        try covered.withLock { covered in
            covered.segments = state.segments
            covered.swept = Set(state.swept.compactMap(\.object.pack))
            do {
                try cover(covered)
            } catch is CatalogError {
                catalog.dropAll()
                try cover(covered)
            }
        }
    }

    /// Adds a segment that this process wrote.
    func add(_ segment: Segment, id: SegmentID) throws {
        try covered.withLock { covered in
            covered.own.append(id)
            try catalog.add(SegmentEntries(segment, id: id))
        }
    }

    /// What the cache held was damaged: reads everything anew.
    func rebuild() throws {
        try covered.withLock { covered in
            catalog.dropAll()
            try cover(covered)
        }
    }

    private func cover(_ covered: Covered) throws {
        let wanted = covered.segments + covered.own
        catalog.keepOnly(segments: Set(wanted))
        catalog.setDeadPacks(covered.swept)
        let known = catalog.segments
        for segment in wanted where !known.contains(segment) {
            try catalog.add(SegmentEntries(try load(segment), id: segment))
        }
    }

    /// Reads and opens a segment.
    func load(_ id: SegmentID) throws -> Segment {
        let name = ObjectName.segment(id)
        do {
            let bytes = try storage.get(name, limit: Self.segmentBytesMax)
            var sealer = try UnitSealer(keys)
            return try Segment(sealer.open(.segment, bytes))
        } catch let error as StorageError {
            throw RepositoryError.reading(error)
        } catch {
            throw RepositoryError.damaged(
                object: name, reason: "\(error)", affects: "`varve repair index` can rebuild it")
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
