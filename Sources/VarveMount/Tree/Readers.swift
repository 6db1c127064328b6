import Synchronization
import VarveRepository

/// Ways to read chunks, one for each thread that is at work.
final class Readers: Sendable {
    /// One thread's way, and its room.
    final class Reader: @unchecked Sendable {
        // Unchecked: one thread has it at a time.
        var chunks: ChunkReader
        let room = ReadRoom(bytesMax: MountLimits.readBytes)

        init(_ repository: Repository, _ ahead: FrameAhead?) throws {
            chunks = try ChunkReader(repository, ahead: ahead)
        }
    }

    private let repository: Repository
    private let ahead: FrameAhead?
    private let idle = Mutex<[Reader]>([])

    init(_ repository: Repository, _ ahead: FrameAhead?) {
        (self.repository, self.ahead) = (repository, ahead)
    }

    func with<Answer>(_ body: (Reader) throws -> Answer) throws -> Answer {
        let reader = try idle.withLock { $0.popLast() } ?? Reader(repository, ahead)
        defer { idle.withLock { $0.append(reader) } }
        return try body(reader)
    }
}
