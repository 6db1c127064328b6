import VarveCodec
package import VarveFormat
import VarveStorage

/// Writing what is stored already into a new pack.
extension ChunkWriter {
    /// Copies a frame as it is sealed, once it has proved whole; one under an old epoch is sealed anew.
    package mutating func copy(
        _ frame: TableOfContents.Frame, of pack: PackID, _ contents: PackContents
    ) throws {
        let name = ObjectName.pack(pack, contents)
        var unit: [UInt8]
        do {
            unit = try session.repository.storage.read(name, at: frame.offset, count: frame.bytes)
        } catch {
            throw RepositoryError.reading(error)
        }
        do {
            // What was damaged here would be damaged there, and the copy here is to go.
            var sealer = try UnitSealer(session.repository.keys)
            let body = try sealer.open(contents.unitKind, unit)
            if try UnitHeader(startOf: unit).epoch != session.repository.keys.current {
                unit = try sealer.seal(contents.unitKind, body: body)
            }
        } catch let error as SealError {
            throw RepositoryError.damaged(name, "the frame at \(frame.offset): \(error)")
        }
        try unit.withUnsafeBytes { unit in
            try append(
                SealedFrame(unit: unit, codec: frame.codec, chunks: frame.chunks), contents)
        }
    }

    /// Stores a chunk once more as a full one.
    package mutating func copyFull(
        _ chunk: TableOfContents.Chunk, _ contents: PackContents, _ reader: inout ChunkReader
    ) throws {
        let frames = contents == .data ? data : metadata
        try reader.load(chunk.id) { plain in
            if !frames.full.hasRoom(for: plain.count) { try finishFull(frames) }
            frames.full.append(plain, id: chunk.id, features: chunk.features)
        }
    }

    /// Stores bytes that came from elsewhere as a full chunk, whatever is known of its copies here.
    package mutating func addFull(
        _ plain: UnsafeRawBufferPointer, id: ChunkID, _ contents: PackContents,
        features known: SuperFeatures? = nil
    ) throws {
        let frames = contents == .data ? data : metadata
        let features = known ?? features(of: plain)
        if !frames.full.hasRoom(for: plain.count) { try finishFull(frames) }
        frames.full.append(plain, id: id, features: features)
    }

    /// Stores the delta at `position` of a frame once more, as it is, once it has proved whole.
    package mutating func copyDelta(
        _ position: Int, of frame: TableOfContents.Frame, in pack: PackID,
        _ contents: PackContents, _ reader: inout ChunkReader
    ) throws {
        let chunk = frame.chunks[position]
        let frames = contents == .data ? data : metadata
        _ = try reader.load(chunk.id) { $0.count }
        let loaded = try loader.load(pack, contents, offset: frame.offset, frame.bytes)
        guard let delta = loaded.stored(position), delta.count == chunk.storedBytes else {
            throw RepositoryError.damaged(
                ObjectName.pack(pack, contents), "a delta is not where its table says")
        }
        let isTaken = frames.delta.append(delta, chunk)
        withExtendedLifetime(loaded) {}
        guard isTaken else { return try copyFull(chunk, contents, &reader) }
        if frames.delta.isFull { try finishDelta(frames) }
    }
}
