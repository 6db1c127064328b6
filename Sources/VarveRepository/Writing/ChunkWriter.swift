import VarveCatalog
import VarveCodec
import VarveCrypto
public import VarveFormat
import VarveStorage

/// One thread's way to store chunks: deduplicates, finds bases, gathers, seals and appends.
public struct ChunkWriter: ~Copyable {
    let session: WriteSession
    private var compressor: Compressor
    private var sealer: UnitSealer
    var loader: FrameLoader
    private var cursor = CatalogCursor()
    private var samples = SampleBuffer()
    let data: OpenFrames
    let metadata: OpenFrames

    /// The frames that one kind of content is gathered in.
    final class OpenFrames {
        let contents: PackContents
        var full: FrameBuilder
        var delta: DeltaFrameBuilder

        init(_ contents: PackContents, _ session: WriteSession) {
            self.contents = contents
            full = FrameBuilder(
                contents, target: session.start.parameters.frameBytes,
                chunkBytesMax: session.chunkBytesMax, level: session.level)
            delta = DeltaFrameBuilder(contents, chunkBytesMax: session.chunkBytesMax)
        }
    }

    public init(_ session: WriteSession) throws {
        let compressor = try Compressor()
        let sealer = try UnitSealer(session.repository.keys)
        let loader = try FrameLoader(session.repository)
        self.session = session
        self.compressor = compressor
        self.sealer = sealer
        self.loader = loader
        data = OpenFrames(.data, session)
        metadata = OpenFrames(.metadata, session)
    }

    /// Whether the chunk is stored already, or another writer of this session is about to store it.
    ///
    /// False makes it this writer's task to `add` it.
    public mutating func isStored(_ id: ChunkID) throws -> Bool {
        if session.chunks.lookup(id) != nil { return true }
        if try lookup(id) != nil { return true }
        return session.chunks.claim(id) != .mine
    }

    /// Stores a chunk for which `isStored` was false; `hint` may name one that it resembles.
    public mutating func add(
        _ bytes: UnsafeRawBufferPointer, id: ChunkID, features: SuperFeatures?, hint: ChunkID?,
        _ contents: PackContents = .data
    ) throws {
        switch contents {
        case .data: try add(bytes, id, features, hint, data)
        case .metadata: try add(bytes, id, features, hint, metadata)
        }
    }

    /// Stores a chunk of metadata unless it is there, and returns its id.
    public mutating func storeMetadata(_ bytes: [UInt8]) throws -> ChunkID {
        try bytes.withUnsafeBytes { bytes in
            let id = ChunkID(digestOf: bytes)
            guard try !isStored(id) else { return id }
            try add(bytes, id, features(of: bytes), nil, metadata)
            return id
        }
    }

    /// What the chunk resembles, as this repository finds it.
    package mutating func features(of bytes: UnsafeRawBufferPointer) -> SuperFeatures? {
        samples.removeAll()
        session.repository.gear.scan(bytes, from: 0, to: bytes.count, into: &samples)
        return session.repository.gear.superFeatures(samples.samples, chunk: 0..<bytes.count)
    }

    /// Seals and appends what is gathered; call it before the session finishes.
    public mutating func flush() throws {
        try finishFull(data)
        try finishDelta(data)
        try finishFull(metadata)
        try finishDelta(metadata)
    }

    private mutating func add(
        _ bytes: UnsafeRawBufferPointer, _ id: ChunkID, _ features: SuperFeatures?,
        _ hint: ChunkID?, _ frames: OpenFrames
    ) throws {
        // What was lost may be the base of deltas, which is never a delta itself.
        if bytes.count >= WriteLimits.deltaBytesMin, !session.lost.contains(id),
            try addDelta(bytes, id, features, hint, frames)
        {
            if frames.delta.isFull { try finishDelta(frames) }
            return
        }
        if !frames.full.hasRoom(for: bytes.count) { try finishFull(frames) }
        frames.full.append(bytes, id: id, features: features)
    }

    /// Tries the chunk as a difference from what it resembles.
    private mutating func addDelta(
        _ bytes: UnsafeRawBufferPointer, _ id: ChunkID, _ features: SuperFeatures?,
        _ hint: ChunkID?, _ frames: OpenFrames
    ) throws -> Bool {
        for base in try bases(features, hint, bytes.count) {
            guard let plain = base.frame.verified(base.position, base.id) else { continue }
            let taken = try frames.delta.append(
                bytes, id: id, features: features, base: plain, baseID: base.id, &compressor)
            withExtendedLifetime(base.frame) {}
            if taken {
                if let features { session.chunks.registerFeatures(features, base: base.id) }
                return true
            }
        }
        return false
    }

    mutating func finishFull(_ frames: OpenFrames) throws {
        guard !frames.full.isEmpty else { return }
        try append(try frames.full.finish(&compressor, &sealer), frames.contents)
    }

    mutating func finishDelta(_ frames: OpenFrames) throws {
        guard !frames.delta.isEmpty else { return }
        try append(try frames.delta.finish(&sealer), frames.contents)
    }

    /// Appends a frame to a pack and makes its chunks known to the session.
    mutating func append(_ frame: SealedFrame, _ contents: PackContents) throws {
        do {
            let full = try session.packs.inTurn(contents) { () -> OpenPack? in
                let pack = try session.packs.take(
                    contents, try UnitHeader(frame.unit).epoch)
                let offset = try pack.append(frame)
                place(frame, offset, pack.slot)
                session.count(frame)
                guard !pack.isFull(at: session.start.parameters.packBytes) else { return pack }
                session.packs.giveBack(pack)
                return nil
            }
            if let full { try session.uploads.put(full, try full.close(&sealer)) }
        } catch let error as StorageError {
            session.fail(.storage(error))
            throw RepositoryError.storage(error)
        }
    }

    private func place(_ frame: SealedFrame, _ offset: Int, _ slot: UInt32) {
        let isDelta = frame.codec == .delta
        for (position, chunk) in frame.chunks.enumerated() {
            session.chunks.place(
                chunk.id,
                at: SessionPlace(
                    packSlot: slot, frameOffset: UInt32(offset),
                    frameBytes: UInt32(frame.unit.count), position: UInt16(position),
                    rawBytes: UInt32(chunk.rawBytes), isDelta: isDelta))
            if !isDelta, let features = chunk.features {
                session.chunks.registerFeatures(features, base: chunk.id)
            }
        }
    }
}

extension ChunkWriter {
    /// A full chunk that may serve as a base, in its loaded frame.
    private struct Base {
        var frame: LoadedFrame
        var position: Int
        var id: ChunkID
    }

    /// Full chunks that a chunk resembles: by its features first, by its position in the parent else.
    private mutating func bases(
        _ features: SuperFeatures?, _ hint: ChunkID?, _ byteCount: Int
    ) throws -> [Base] {
        var bases: [Base] = []
        if let features {
            for id in try candidates(features, hint) {
                guard bases.count < WriteLimits.basesTried else { break }
                if let base = try base(id) { bases.append(base) }
            }
        }
        if bases.isEmpty, let hint, let base = try base(hint) { bases.append(base) }
        return bases
    }

    /// The ids of chunks with a feature in common; the parent's own first.
    private mutating func candidates(
        _ features: SuperFeatures, _ hint: ChunkID?
    ) throws -> [ChunkID] {
        let stored = try retrying { catalog, cursor throws(CatalogError) in
            try catalog.candidates(features, &cursor).map(\.id)
        }
        let all = stored + session.chunks.candidates(features)
        guard let hint, all.contains(hint) else { return all }
        return [hint] + all.filter { $0 != hint }
    }

    private mutating func base(_ id: ChunkID) throws -> Base? {
        do {
            if case .placed(let place) = session.chunks.lookup(id) {
                guard !place.isDelta,
                    let frame = try loader.frame(place, session.packs, session.frames)
                else { return nil }
                return Base(frame: frame, position: Int(place.position), id: id)
            }
            guard let found = try stored(id, fullOnly: true) else { return nil }
            let frame = try loader.frame(found, session.index.catalog, session.frames)
            return Base(frame: frame, position: Int(found.position), id: id)
        } catch RepositoryError.damaged {
            // A base that cannot be read is no base; check tells of the damage. In a session that is
            // only tried, packs that are full are gone.
            return nil
        }
    }

    private mutating func lookup(_ id: ChunkID) throws -> ChunkPlace? {
        // With something missing a delta may have lost its base, so it does not count.
        // What is lost is there once it is stored anew.
        return try stored(id, fullOnly: session.flaw != nil || session.lost.contains(id))
    }

    /// The first copy of a chunk that no sweep is about to take.
    mutating func stored(_ id: ChunkID, fullOnly: Bool) throws -> ChunkPlace? {
        let found = try retrying { catalog, cursor throws(CatalogError) in
            try catalog.lookup(id, fullOnly: fullOnly, &cursor)
        }
        guard let found, session.isCondemned(found) else { return found }
        return try retrying { catalog, cursor throws(CatalogError) in
            try catalog.places(id, &cursor)
        }.first { !session.isCondemned($0) && !(fullOnly && $0.isDelta) }
    }

    /// Asks the catalog; when the cache turns out to be damaged it is rebuilt and asked again.
    private mutating func retrying<Answer>(
        _ body: (Catalog, inout CatalogCursor) throws(CatalogError) -> Answer
    ) throws -> Answer {
        do throws(CatalogError) {
            return try body(session.index.catalog, &cursor)
        } catch {
            try session.index.rebuild()
            return try body(session.index.catalog, &cursor)
        }
    }
}
