import VarveCatalog
import VarveFormat

/// A delta that was read and not applied yet.
package struct WaitingDelta: Sendable {
    let chunk: ChunkID
    package let frame: ChunkFault.Frame
    let position: Int
    let loaded: LoadedFrame
    /// The frame of its base, by the pack's ordinal and where it starts.
    package let baseFrame: UInt64

    init(
        chunk: ChunkID, frame: ChunkFault.Frame, position: Int, loaded: LoadedFrame,
        base: ChunkPlace?
    ) {
        (self.chunk, self.frame, self.position, self.loaded) = (chunk, frame, position, loaded)
        baseFrame = base.map { UInt64($0.pack) << 32 | UInt64($0.frameOffset) } ?? 0
    }

    /// What it takes of memory, in bytes, with its share of the frame.
    package var byteCount: Int {
        MemoryLayout<Self>.stride + loaded.byteCount / max(loaded.directory.chunks.count, 1)
    }
}
