import Synchronization

/// Memory for opened frames, or for spans of stored ones, used again and again: what the allocator would give back and fetch anew
/// costs more in page faults than opening a frame does.
final class FrameMemory: Sendable {
    /// A buffer that goes back to where it came from with its last reference.
    final class Buffer: @unchecked Sendable {
        // Unchecked: whoever fills it does so before anyone else sees it.
        let bytes: UnsafeMutableRawBufferPointer
        private let memory: FrameMemory

        fileprivate init(_ bytes: UnsafeMutableRawBufferPointer, _ memory: FrameMemory) {
            self.bytes = bytes
            self.memory = memory
        }

        deinit { memory.giveBack(bytes) }
    }

    private struct Spares: @unchecked Sendable {
        // Unchecked: only touched with the lock held.
        var buffers: [UnsafeMutableRawBufferPointer] = []
    }

    private let spares = Mutex(Spares())
    /// The length of nearly all buffers, in bytes; others are not kept.
    private let usualBytes: Int
    /// How many buffers are kept to be used again.
    private let sparesMax: Int

    init(usualBytes: Int, spares: Int) { (self.usualBytes, sparesMax) = (usualBytes, spares) }

    deinit {
        spares.withLock { spares in
            for buffer in spares.buffers { buffer.deallocate() }
        }
    }

    /// At least `byteCount` bytes.
    func take(_ byteCount: Int) -> Buffer {
        let isUsual = byteCount <= usualBytes && byteCount > usualBytes / 2
        if isUsual, let spare = spares.withLock({ $0.buffers.popLast() }) {
            return Buffer(spare, self)
        }
        return Buffer(
            .allocate(byteCount: isUsual ? usualBytes : byteCount, alignment: 64), self)
    }

    private func giveBack(_ bytes: UnsafeMutableRawBufferPointer) {
        let isKept = spares.withLock { spares in
            guard bytes.count == usualBytes, spares.buffers.count < sparesMax else { return false }
            spares.buffers.append(bytes)
            return true
        }
        if !isKept { bytes.deallocate() }
    }
}
