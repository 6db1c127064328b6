import Synchronization
import VarveCodec
import VarveFormat

/// A frame in memory, opened: the plain bytes of full chunks, or deltas as they are stored.
final class LoadedFrame: @unchecked Sendable {
    // Unchecked: the bytes are written in `init` only.
    let directory: FrameDirectory
    /// Where each chunk, or each delta, starts in the bytes; one more than there are chunks.
    private let offsets: [Int]
    private let memory: FrameMemory.Buffer
    /// What the chunks at these positions were found to be.
    private let checked: Mutex<[Int: ChunkID]>

    /// Decompresses the view unless it holds deltas.
    init(
        _ view: FrameView, _ decompressor: inout Decompressor, _ memory: FrameMemory
    ) throws(SealError) {
        directory = view.directory
        checked = Mutex([:])
        if directory.codec == .delta {
            offsets = view.deltaOffsets
            self.memory = memory.take(view.payload.count)
            self.memory.bytes.copyMemory(from: view.payload)
        } else {
            offsets = view.offsets
            self.memory = memory.take(directory.rawBytes)
            let plain = UnsafeMutableRawBufferPointer(
                rebasing: self.memory.bytes[..<directory.rawBytes])
            try view.decode(into: plain, &decompressor)
        }
    }

    var isDelta: Bool { directory.codec == .delta }
    /// What it takes of memory.
    var byteCount: Int { memory.bytes.count + directory.chunks.count * 64 + 256 }

    /// The stored bytes of the chunk at `position`: plain, unless it is a delta.
    func stored(_ position: Int) -> UnsafeRawBufferPointer? {
        guard position < directory.chunks.count else { return nil }
        return UnsafeRawBufferPointer(
            rebasing: memory.bytes[offsets[position]..<offsets[position + 1]])
    }

    /// The plain bytes of a full chunk, when they are those of `id`; hashed once.
    func verified(_ position: Int, _ id: ChunkID) -> UnsafeRawBufferPointer? {
        guard !isDelta, let plain = stored(position) else { return nil }
        if let known = checked.withLock({ $0[position] }) { return known == id ? plain : nil }
        let found = ChunkID(digestOf: plain)
        checked.withLock { $0[position] = found }
        return found == id ? plain : nil
    }
}
