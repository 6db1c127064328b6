import Synchronization
import VarveSystem

/// A pack that grows in a temporary file of a directory storage.
final class StagedFile: StagedObject {
    private struct State: ~Copyable {
        var file: OpenFile?
        var byteCount = 0
    }

    private let temporary: String
    private let storage: DirectoryStorage
    private let state: Mutex<State>

    init(_ file: consuming File, temporary: String, in storage: DirectoryStorage) {
        self.temporary = temporary
        self.storage = storage
        state = Mutex(State(file: OpenFile(file)))
    }

    deinit { discard() }

    var byteCount: Int { state.withLock { $0.byteCount } }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            guard let open = state.file else { throw ended() }
            let end = state.byteCount
            try StorageError.wrapping(temporary) { () throws(SystemError) in
                // At a place of its own, so that a write that failed halfway shifts nothing.
                try open.file.write(bytes, at: end)
            }
            state.byteCount += bytes.count
        }
    }

    func read(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        guard let open = state.withLock({ $0.file }) else { throw ended() }
        try open.read(temporary, at: offset, into: buffer)
    }

    func publish(as name: String) throws(StorageError) {
        let (file, byteCount) = take()
        guard let file else { throw ended() }
        do throws(StorageError) {
            try StorageName.check(name)
            try StorageError.wrapping(name) { () throws(SystemError) in try file.file.sync() }
            if try storage.hasFile(name, bytes: byteCount) {
                storage.removeTemporary(temporary)
                return
            }
            try StorageError.wrapping(name) { () throws(SystemError) in
                try storage.directories.make(File.parent(of: name))
            }
        } catch {
            storage.removeTemporary(temporary)
            throw error
        }
        try storage.renameTemporary(temporary, to: name)
    }

    func discard() {
        let (file, _) = take()
        if file != nil { storage.removeTemporary(temporary) }
    }

    private func take() -> (OpenFile?, Int) {
        state.withLock { ($0.file.take(), $0.byteCount) }
    }

    private func ended() -> StorageError {
        StorageError(.refused, temporary, "it is published or discarded already")
    }
}
