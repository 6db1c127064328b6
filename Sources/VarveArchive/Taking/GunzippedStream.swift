import Synchronization
import VarveCodec
import VarveRepository
public import VarveSystem

/// A stream of gzip data that is decompressed into a pipe, by a thread of its own and in constant memory.
public final class GunzippedStream: Sendable {
    /// Bytes that are read, and decompressed, at once.
    private static let readBytes = 64 << 10
    private static let plainBytes = 256 << 10

    /// What it decompresses to.
    public let input: StreamInput
    private let readEnd: SharedFile
    private let isAbandoned = Atomic(false)
    private let garbage = Atomic(0)
    private let thread = Mutex<WorkerThreads?>(nil)

    public init(_ file: consuming File) throws {
        let pipe = try Pipe(to: "gunzip")
        input = StreamInput(try pipe.readEnd.duplicate())
        let writeEnd = HandedFile(try pipe.writeEnd.duplicate())
        let source = SharedFile(file)
        readEnd = SharedFile(pipe.keepReadEnd())
        let started = try WorkerThreads.start(count: 1, name: "gunzip") { [weak self] _ in
            // Closed when this thread is done: the end of the stream.
            guard let output = writeEnd.take() else { return }
            try self?.decompress(source, into: output)
        }
        thread.withLock { $0 = started }
    }

    /// Waits for the end; throws when the data was not whole. Returns how many bytes stood behind the
    /// gzip data.
    @discardableResult
    public func finish() throws -> Int {
        let thread = thread.withLock { $0.take() }
        do {
            try thread?.join()
        } catch let failure as Gunzip.Failure {
            throw ArchiveError.streamFailed(reason: failure.description)
        } catch let error as SystemError {
            throw ArchiveError.streamFailed(reason: error.description)
        }
        return garbage.load(ordering: .relaxed)
    }

    /// Nobody reads the rest.
    public func abandon() {
        isAbandoned.store(true, ordering: .relaxed)
        let room = ByteBuffer(capacity: Self.readBytes)
        while let count = try? readEnd.file.read(into: room.bytes), count > 0 {}
        _ = try? finish()
    }

    private func decompress(_ source: SharedFile, into output: SharedFile) throws {
        let read = ByteBuffer(capacity: Self.readBytes)
        let plain = ByteBuffer(capacity: Self.plainBytes)
        var gunzip = try Gunzip()
        while !isAbandoned.load(ordering: .relaxed) {
            let count = try source.file.read(into: read.bytes)
            if count == 0 { break }
            try gunzip.feed(
                UnsafeRawBufferPointer(rebasing: read.bytes[..<count]), through: plain.bytes
            ) { try output.file.write($0) }
        }
        guard !isAbandoned.load(ordering: .relaxed) else { return }
        try gunzip.finish()
        garbage.store(gunzip.garbageBytes, ordering: .relaxed)
    }
}
