import Synchronization
import VarveCodec
public import VarveSystem

/// A gzip member (RFC 1952) that a thread of its own makes of what comes through a pipe, in constant memory.
public final class GzippedOutput: Sendable {
    private static let pieceBytes = 256 << 10

    /// Whether all that was to be written was.
    private let isWhole = Atomic(false)

    private init() {}

    /// Lends `body` a file; all that is written to it goes to `output`, compressed.
    ///
    /// When `body` throws, `output` lacks the end of the member, so that nobody takes it for whole.
    public static func writing(
        to output: borrowing File, _ body: (borrowing File) throws -> Void
    ) throws {
        let gzip = GzippedOutput()
        let pipe = try Pipe(to: "gzip")
        let source = HandedFile(try pipe.readEnd.duplicate())
        let target = SharedFile(try output.duplicate())
        let input = pipe.keepWriteEnd()
        let thread = try WorkerThreads.start(count: 1, name: "gzip") { _ in
            // Closed when this thread is done: nobody waits for room in a pipe that is not read.
            guard let source = source.take() else { return }
            try gzip.compress(source.file, into: target.file)
        }
        var failure: (any Error)?
        do {
            try body(input)
            gzip.isWhole.store(true, ordering: .releasing)
        } catch {
            failure = error
        }
        try input.close()
        // What failed behind the pipe is the reason why writing to it did.
        try thread.join()
        if let failure { throw failure }
    }

    private func compress(_ source: borrowing File, into output: borrowing File) throws {
        let plain = ByteBuffer(capacity: Self.pieceBytes)
        let room = ByteBuffer(capacity: Self.pieceBytes)
        var (checksum, length) = (CRC32(), 0)
        var deflate = try Deflate()
        try deflate.begin(level: Deflate.standardLevel)
        // Deflated; no name, no time; made by Unix.
        try output.write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
        var isEnd = false
        while !isEnd {
            let count = try source.read(into: plain.bytes)
            isEnd = count == 0
            guard !isEnd || isWhole.load(ordering: .acquiring) else { return }
            let bytes = UnsafeRawBufferPointer(rebasing: plain.bytes[..<count])
            checksum.update(bytes)
            length += count
            try deflate.compress(bytes, isEnd: isEnd, through: room.bytes) {
                try output.write($0)
            }
        }
        for word in [checksum.value, UInt32(truncatingIfNeeded: length)] {
            try output.write(withUnsafeBytes(of: word.littleEndian, Array.init))
        }
    }
}
