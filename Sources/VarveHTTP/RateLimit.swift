import Synchronization
import VarveSystem

/// A bound on the bytes that all connections together move in a second.
public final class RateLimit: Sendable {
    public let bytesPerSecond: Int
    /// When the next byte may move, by the monotonic clock.
    private let next: Mutex<Int64>

    /// What may pass at once after a pause.
    private static let burstNanoseconds: Int64 = 100_000_000

    public init(bytesPerSecond: Int) {
        precondition(bytesPerSecond > 0, "a limit lets something pass")
        self.bytesPerSecond = bytesPerSecond
        next = Mutex(Clock.monotonicNanoseconds())
    }

    /// Returns when `bytes` more may have moved.
    func pass(_ bytes: Int) {
        let nanoseconds = Int64(Double(bytes) / Double(bytesPerSecond) * 1e9)
        let until = next.withLock { next in
            next = max(next, Clock.monotonicNanoseconds() - Self.burstNanoseconds) + nanoseconds
            return next
        }
        while case let wait = until - Clock.monotonicNanoseconds(), wait > 0 {
            Clock.sleep(nanoseconds: wait)
        }
    }

    /// How many bytes to move at a time, so that no pause is longer than an eighth of a second.
    var pieceBytes: Int { max(1024, bytesPerSecond / 8) }
}
