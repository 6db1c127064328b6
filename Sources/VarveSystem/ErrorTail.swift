import Glibc
import Synchronization

/// Reads a pipe to its end on a thread of its own and keeps the last bytes.
final class ErrorTail: Sendable {
    private let file: File
    private let limit: Int
    private let bytes = Mutex<[UInt8]>([])
    private let reader = Mutex<WorkerThreads?>(nil)

    init(of file: consuming File, limit: Int) {
        self.file = file
        self.limit = limit
    }

    func startReading() throws(SystemError) {
        let started = try WorkerThreads.start(count: 1, name: "stderr") { _ in try self.drain() }
        reader.withLock { $0 = started }
    }

    /// Waits for the end of the pipe.
    func finish() {
        let started = reader.withLock { $0.take() }
        // What could not be read of an error text is no reason to fail.
        try? started?.join()
    }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    private func drain() throws {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { return }
            bytes.withLock { kept in
                kept += buffer[..<count]
                if kept.count > limit { kept.removeFirst(kept.count - limit) }
            }
        }
    }
}
