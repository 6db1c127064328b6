import Synchronization
import VarveSystem

/// Looks at some entries of a directory with two threads: the walker begins with the first, a worker that has
/// nothing else to do with the last, and they meet somewhere.
///
/// Without a worker the walker looks at all of them. It never waits but for what a worker is looking at.
final class SliceStatuses: Sendable {
    typealias Status = Result<FileStatus, SystemError>

    let handle: SharedFile
    private let names: EntryNames
    /// What nobody has begun with.
    private let left: Mutex<Range<Int>>
    /// What the worker saw, the last entry first; put at most once.
    private let fromEnd = BoundedQueue<[Status]>(capacity: 1)

    init(_ handle: SharedFile, _ names: EntryNames, _ range: Range<Int>) {
        self.handle = handle
        self.names = names
        left = Mutex(range)
    }

    /// The worker's part.
    func lookFromEnd() {
        var seen: [Status] = []
        while let part = takeLast() {
            for index in part.reversed() { seen.append(status(names[index])) }
        }
        if !seen.isEmpty { fromEnd.put(seen) }
    }

    func status(_ name: [UInt8]) -> Status {
        Result { () throws(SystemError) in try handle.file.status(of: name, follow: false) }
    }

    /// The walker's next part; nil when the worker has the rest.
    func takeFirst() -> Range<Int>? {
        left.withLock { left in
            guard !left.isEmpty else { return nil }
            let part = left.prefix(TakingLimits.statusesTaken)
            left = part.upperBound..<left.upperBound
            return part
        }
    }

    private func takeLast() -> Range<Int>? {
        left.withLock { left in
            guard !left.isEmpty else { return nil }
            let part = left.suffix(TakingLimits.statusesTaken)
            left = left.lowerBound..<part.lowerBound
            return part
        }
    }

    /// Waits for what the worker saw.
    func takeSeen() -> [Status] { fromEnd.take() ?? [] }
}

/// The walker's way through a slice's statuses, from the first to the last.
struct StatusCursor {
    private let statuses: SliceStatuses
    private var mine = 0..<0
    private var seen: [SliceStatuses.Status]?

    init(_ statuses: SliceStatuses) { self.statuses = statuses }

    /// The status of the entry at `index`, whose name is `name`; each must be asked for, in order.
    mutating func status(at index: Int, _ name: [UInt8]) -> SliceStatuses.Status {
        if index >= mine.upperBound, seen == nil {
            if let part = statuses.takeFirst() {
                mine = part
            } else {
                seen = statuses.takeSeen()
            }
        }
        return seen?.popLast() ?? statuses.status(name)
    }
}
