import Synchronization
public import VarveSystem

/// An open file that several threads read, closed with its last reference.
public final class SharedFile: Sendable {
    public let file: File

    public init(_ file: consuming File) { self.file = file }
}

/// An open file that one thread takes over, and which is closed when that thread is done with it.
final class HandedFile: Sendable {
    private let file: Mutex<SharedFile?>

    init(_ file: consuming File) { self.file = Mutex(SharedFile(file)) }

    func take() -> SharedFile? { file.withLock { $0.take() } }
}
