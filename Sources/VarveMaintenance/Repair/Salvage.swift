import VarveFormat
import VarveRepository
import VarveSystem

/// Writes what can be read of damaged packs into new ones.
struct Salvage: ~Copyable {
    private let session: WriteSession
    private var writer: ChunkWriter
    private var reader: ChunkReader

    init(_ session: WriteSession) throws {
        let writer = try ChunkWriter(session)
        let reader = try ChunkReader(session.repository)
        self.session = session
        self.writer = writer
        self.reader = reader
    }

    /// Copies those frames of a pack in which something is wanted; of one with lost copies, the
    /// other chunks. False when one failed that could be read before: then the pack has to stay.
    mutating func save(
        _ pack: DamagedPacks.Pack, _ table: TableOfContents, where isWanted: (ChunkID) -> Bool
    ) throws -> Bool {
        var isSaved = true
        for frame in table.frames where frame.chunks.contains(where: { isWanted($0.id) }) {
            if Interrupts.isRequested { throw RepositoryError.interrupted }
            let left = frame.chunks.indices.filter { !pack.copies.contains(frame.chunks[$0].id) }
            do {
                if left.count == frame.chunks.count {
                    // As it is sealed: a delta whose base is lost may find it again one day.
                    try writer.copy(frame, of: pack.pack.id, table.contents)
                    continue
                }
                for position in left {
                    if frame.codec == .delta {
                        try writer.copyDelta(
                            position, of: frame, in: pack.pack.id, table.contents, &reader)
                    } else {
                        try writer.copyFull(frame.chunks[position], table.contents, &reader)
                    }
                }
            } catch {
                try session.checkWriting()
                // The next repair may read it.
                _ = try CheckFinding(error)
                isSaved = false
            }
        }
        return isSaved
    }

    mutating func flush() throws { try writer.flush() }
}
