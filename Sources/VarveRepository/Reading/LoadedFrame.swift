import Synchronization
import VarveCodec
import VarveFormat

/// A frame in memory, opened: the plain bytes of full chunks, or deltas as they are stored.
final class LoadedFrame: @unchecked Sendable {
    // Unchecked: the bytes are written in `init` only and freed in `deinit` only.
    let directory: FrameDirectory
    /// Where each chunk, or each delta, starts in the bytes; one more than there are chunks.
    private let offsets: [Int]
    private let bytes: UnsafeMutableRawBufferPointer
    private let checked: Mutex<Set<Int>>

    /// Decompresses the view unless it holds deltas.
    init(_ view: FrameView, _ decompressor: inout Decompressor) throws(SealError) {
        directory = view.directory
        checked = Mutex([])
        if directory.codec == .delta {
            offsets = view.deltaOffsets
            bytes = .allocate(byteCount: view.payload.count, alignment: 16)
            bytes.copyMemory(from: view.payload)
        } else {
            offsets = view.offsets
            bytes = .allocate(byteCount: directory.rawBytes, alignment: 64)
            do throws(SealError) {
                try view.decode(into: bytes, &decompressor)
            } catch {
                bytes.deallocate()
                throw error
            }
        }
    }

    deinit { bytes.deallocate() }

    var isDelta: Bool { directory.codec == .delta }
    /// What it takes of memory.
    var byteCount: Int { bytes.count + directory.chunks.count * 64 + 256 }

    /// The stored bytes of the chunk at `position`: plain, unless it is a delta.
    func stored(_ position: Int) -> UnsafeRawBufferPointer? {
        guard position < directory.chunks.count else { return nil }
        return UnsafeRawBufferPointer(
            rebasing: bytes[offsets[position]..<offsets[position + 1]])
    }

    /// The plain bytes of a full chunk, when they are those of `id`; hashed once.
    func verified(_ position: Int, _ id: ChunkID) -> UnsafeRawBufferPointer? {
        guard !isDelta, let plain = stored(position) else { return nil }
        if checked.withLock({ $0.contains(position) }) { return plain }
        guard ChunkID(digestOf: plain) == id else { return nil }
        checked.withLock { _ = $0.insert(position) }
        return plain
    }
}
