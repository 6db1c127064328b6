import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// The threads and queues of taking a snapshot: one thread walks and reads streams, with others beside it
/// while it reads a virtual tree; workers do the rest.
///
/// Readers put items, workers take them; a slab that was worked off goes back to its reader through
/// a queue that has room for all of them, so that no worker ever waits for a reader.
final class Pipeline: Sendable {
    enum Item: Sendable {
        case slab(Slab)
        case batch(FileBatch)
        /// Done by the walker where no worker does it.
        case statuses(SliceStatuses)
    }

    let items = BoundedQueue<Item>(capacity: TakingLimits.itemsWaiting)
    /// Of all readers; nil once no slab will come back.
    private let results = Mutex<[BoundedQueue<Slab>]?>([])
    private let threads = Mutex<WorkerThreads?>(nil)
    private let session: WriteSession
    let completion: Completion
    private let databases: PinnedOpening?

    init(
        _ session: WriteSession, _ progress: Progress, _ counts: RunCounts,
        _ databases: PinnedOpening?, _ observer: @escaping ArchiveObserver
    ) {
        self.session = session
        self.databases = databases
        completion = Completion(counts: counts, progress: progress, observer: observer)
    }

    func start() throws {
        let workers = try WorkerThreads.start(count: TakingLimits.workers, name: "snapshot") { _ in
            do {
                var worker = try Worker(self.session, self.completion, self.databases)
                while let item = self.items.take() {
                    switch item {
                    case .batch(let batch): try worker.work(batch)
                    case .statuses(let statuses): statuses.lookFromEnd()
                    case .slab(let slab):
                        try worker.work(slab)
                        slab.results.put(slab)
                    }
                }
                try worker.finish()
            } catch {
                self.fail()
                throw error
            }
        }
        threads.withLock { $0 = workers }
    }

    /// Hands work over; when a worker has failed, throws why.
    func put(_ item: Item) throws {
        guard items.put(item) else { throw try failure() }
    }

    /// Hands over what need not be done, unless there is enough to do.
    func offer(_ item: Item) { items.putIfRoom(item) }

    /// A queue for the slabs of one reader.
    func makeResults(capacity: Int) -> BoundedQueue<Slab> {
        let queue = BoundedQueue<Slab>(capacity: capacity)
        let isOpen = results.withLock { results in
            results?.append(queue)
            return results != nil
        }
        if !isOpen { queue.fail() }
        return queue
    }

    /// A slab that came back; throws when none will.
    func takeResult(from results: BoundedQueue<Slab>) throws -> Slab {
        guard let slab = results.take() else { throw try failure() }
        return slab
    }

    /// No more work comes; returns when all is done.
    func finish() throws {
        items.close()
        defer { forgetThreads() }
        try join()
    }

    /// Gives up.
    func cancel() {
        fail()
        try? join()
        forgetThreads()
    }

    private func fail() {
        items.fail()
        for queue in results.withLock({ $0.take() }) ?? [] { queue.fail() }
    }

    /// Their body holds this pipeline, which holds them.
    private func forgetThreads() { threads.withLock { $0 = nil } }

    private func join() throws { try threads.withLock { $0 }?.join() }

    private func failure() throws -> any Error {
        try join()
        return ArchiveError.interrupted
    }
}
