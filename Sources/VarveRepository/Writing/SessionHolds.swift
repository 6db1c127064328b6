import Synchronization
import VarveFormat
import VarveSystem

/// Says in the log, from time to time, that a session is still writing, and what it has written.
final class SessionHolds: Sendable {
    private let repository: Repository
    private let uploads: PackUploads
    private let intervals: HoldIntervals
    private let alarm = Alarm()
    private let threads = Mutex<WorkerThreads?>(nil)
    private struct Held {
        /// The number of the first hold; 0 while there is none.
        var first: UInt64 = 0
        var segments = 0
    }
    private let held = Mutex(Held())

    init(_ repository: Repository, _ uploads: PackUploads, _ intervals: HoldIntervals) {
        self.repository = repository
        self.uploads = uploads
        self.intervals = intervals
    }

    /// The number of the first hold; 0 without one.
    var first: UInt64 { held.withLock { $0.first } }

    func start() throws {
        guard let session = SessionID(randomBytes(SessionID.byteCount)) else { return }
        let started = try WorkerThreads.start(count: 1, name: "hold") { _ in
            var pause = self.intervals.first
            while self.alarm.sleep(nanoseconds: pause) {
                // A session that cannot say so is only less safe from being swept, which it notices.
                try? self.hold(session)
                pause = self.intervals.further
            }
        }
        threads.withLock { $0 = started }
    }

    /// No hold is appended after this has returned.
    func stop() {
        alarm.cancel()
        let started = threads.withLock { $0.take() }
        try? started?.join()
    }

    private func hold(_ session: SessionID) throws {
        try uploads.writePending()
        let written = uploads.segmentsWritten
        let new = Array(written.dropFirst(held.withLock { $0.segments }))
        let number = try repository.log.append { _ in
            .hold(Hold(session: session, segments: new))
        }
        held.withLock { held in
            if held.first == 0, let number { held.first = number }
            held.segments = written.count
        }
    }
}

/// After how long a session appends its first hold, and its further ones, in nanoseconds.
public struct HoldIntervals: Sendable {
    public var first: Int64
    public var further: Int64

    public init(first: Int64, further: Int64) {
        self.first = first
        self.further = further
    }

    /// The first after half an hour, then four in each grace period.
    init(_ parameters: RepositoryParameters) {
        let quarter = Int64(clamping: parameters.gracePeriodSeconds) * 1_000_000_000 / 4
        // With no grace period at all a hold protects nothing.
        self.init(first: 1_800_000_000_000, further: max(quarter, 1_800_000_000_000))
    }
}
