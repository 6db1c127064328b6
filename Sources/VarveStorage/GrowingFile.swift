import Synchronization
import VarveSystem

/// A temporary file that bytes are added to, and that is taken once.
final class GrowingFile: Sendable {
    private struct State: ~Copyable {
        var file: OpenFile?
        var byteCount = 0
    }

    /// What it is called in errors.
    private let name: String
    private let state: Mutex<State>

    init(_ file: consuming File, name: String) {
        self.name = name
        state = Mutex(State(file: OpenFile(file)))
    }

    var byteCount: Int { state.withLock { $0.byteCount } }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            guard let open = state.file else { throw ended() }
            let end = state.byteCount
            try StorageError.wrapping(name) { () throws(SystemError) in
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
        try open.read(name, at: offset, into: buffer)
    }

    /// The file and its length; nil when it was taken before.
    func take() -> (file: OpenFile?, byteCount: Int) {
        state.withLock { ($0.file.take(), $0.byteCount) }
    }

    func ended() -> StorageError {
        StorageError(.refused, name, "it is published or discarded already")
    }
}
