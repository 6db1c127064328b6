import Synchronization

/// A pack that grows in memory.
final class StagedBytes: StagedObject {
    private let storage: MemoryStorage
    /// Nil once it has ended.
    private let content = Mutex<[UInt8]?>([])

    init(in storage: MemoryStorage) { self.storage = storage }

    var byteCount: Int { content.withLock { $0?.count ?? 0 } }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        let isOpen = content.withLock { $0?.append(contentsOf: bytes) != nil }
        if !isOpen { throw Self.ended() }
    }

    func read(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        guard let bytes = content.withLock({ $0 }) else { throw Self.ended() }
        try copyBytes(of: bytes, "an unfinished object", at: offset, into: buffer)
    }

    func publish(as name: String) throws(StorageError) {
        guard let bytes = content.withLock({ $0.take() }) else { throw Self.ended() }
        try storage.put(name, bytes, copies: .one)
    }

    func discard() { content.withLock { $0 = nil } }

    private static func ended() -> StorageError {
        StorageError(.refused, "an unfinished object", "it is published or discarded already")
    }
}
