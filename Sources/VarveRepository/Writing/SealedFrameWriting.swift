import VarveCatalog
import VarveCodec
package import VarveFormat

/// Writing what a repository with the same keyring has sealed.
extension ChunkWriter {
    /// Appends a frame as it is; that it is whole is for the caller to know.
    package mutating func append(
        sealed unit: UnsafeRawBufferPointer, _ frame: TableOfContents.Frame,
        _ contents: PackContents
    ) throws {
        try append(
            SealedFrame(unit: unit, codec: frame.codec, chunks: frame.chunks), contents)
    }

    /// Whether a full copy of the chunk is there, in this session or before it, that no sweep is about
    /// to take.
    package mutating func hasFull(_ id: ChunkID) throws -> Bool {
        if case .placed(let place) = session.chunks.lookup(id), !place.isDelta { return true }
        return try stored(id, fullOnly: true) != nil
    }

    /// Takes chunks for stored that a run that is only tried would have written.
    package func pretend(_ chunks: [TableOfContents.Chunk], isDelta: Bool) {
        for chunk in chunks {
            session.chunks.place(
                chunk.id,
                at: SessionPlace(
                    packSlot: 0, frameOffset: 0, frameBytes: 0, position: 0,
                    rawBytes: UInt32(chunk.rawBytes), isDelta: isDelta))
        }
    }
}
