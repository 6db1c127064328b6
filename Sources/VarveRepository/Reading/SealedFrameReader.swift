import VarveCodec
package import VarveFormat
import VarveStorage

/// One thread's way to read frames as they are sealed, several at once.
package struct SealedFrameReader: ~Copyable {
    private let storage: any Storage
    private var sealer: UnitSealer
    private var run = ByteBuffer(capacity: 0)
    private var trial = ByteBuffer(capacity: 0)

    package init(_ repository: Repository) throws {
        let sealer = try UnitSealer(repository.keys)
        storage = repository.storage
        self.sealer = sealer
    }

    /// Reads these frames of a pack, of which each begins where the one before it ends or a little
    /// later, with one call; calls `body` with each, in order, with nil for one that does not open or is
    /// not the one that the table of contents names.
    package mutating func read(
        _ frames: [TableOfContents.Frame], of pack: PackID, _ contents: PackContents,
        _ body: (TableOfContents.Frame, UnsafeRawBufferPointer?) throws -> Void
    ) throws {
        guard let first = frames.first, let last = frames.last else { return }
        let count = last.offset + last.bytes - first.offset
        Self.grow(&run, to: count)
        let bytes = UnsafeMutableRawBufferPointer(rebasing: run.bytes[..<count])
        do {
            try storage.read(ObjectName.pack(pack, contents), at: first.offset, into: bytes)
        } catch {
            guard case .storage = RepositoryError.reading(error) else {
                // It was moved meanwhile, or is damaged: each chunk may still have another copy.
                for frame in frames { try body(frame, nil) }
                return
            }
            throw RepositoryError.storage(error)
        }
        for frame in frames {
            let start = frame.offset - first.offset
            let unit = UnsafeRawBufferPointer(rebasing: bytes[start..<start + frame.bytes])
            try body(frame, opens(unit, frame, contents) ? unit : nil)
        }
    }

    /// The tag authenticates all that the table of contents says of the frame.
    private mutating func opens(
        _ unit: UnsafeRawBufferPointer, _ frame: TableOfContents.Frame, _ contents: PackContents
    ) -> Bool {
        guard unit.suffix(UnitHeader.tagBytes).elementsEqual(frame.tag) else { return false }
        Self.grow(&trial, to: unit.count)
        let copy = UnsafeMutableRawBufferPointer(rebasing: trial.bytes[..<unit.count])
        copy.copyMemory(from: unit)
        do {
            _ = try sealer.open(contents.unitKind, copy)
            return true
        } catch {
            return false
        }
    }

    private static func grow(_ buffer: inout ByteBuffer, to count: Int) {
        if buffer.bytes.count < count { buffer = ByteBuffer(capacity: count) }
    }
}
