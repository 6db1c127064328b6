import VarveRepository
import VarveSystem

/// Reads what lies scattered in the order in which it is wanted: while one window is used, the next is
/// read by all threads, and the one after that is laid out.
struct ReadAhead<Mark: Sendable>: Sendable {
    let repository: Repository
    var windowBytes = ReadLimits.streamWindowBytes

    /// Windows in memory at once.
    private static var windows: Int { 3 }

    /// `layOut` runs on a thread of its own; `use` gets the windows in their order, on this one.
    ///
    /// An error of either, or of reading, ends it after the windows that came before; what was
    /// laid out behind a chunk that cannot be read is never used.
    func run(
        layOut: @escaping @Sendable (WindowFeed<Mark>) throws -> Void,
        use: (ReadWindow<Mark>) throws -> Void
    ) throws {
        let empty = BoundedQueue<ReadWindow<Mark>>(capacity: Self.windows)
        let planned = BoundedQueue<ReadWindow<Mark>>(capacity: 1)
        let filled = BoundedQueue<ReadWindow<Mark>>(capacity: 1)
        for _ in 0..<Self.windows { empty.put(ReadWindow(bytes: windowBytes)) }
        let repository = repository
        let threads = try WorkerThreads.start(count: 2, name: "readahead") { index in
            if index == 0 {
                defer { planned.close() }
                let feed = try WindowFeed(from: empty, to: planned)
                try layOut(feed)
                try feed.finish()
            } else {
                defer {
                    filled.close()
                    empty.fail()
                    planned.fail()
                }
                while let window = planned.take() {
                    try window.fill(repository)
                    guard filled.put(window) else { return }
                }
            }
        }
        let used = Result {
            while let window = filled.take() {
                if Interrupts.isRequested { throw ArchiveError.interrupted }
                try use(window)
                empty.put(window)
            }
        }
        empty.fail()
        planned.fail()
        filled.fail()
        let joined = Result { try threads.join() }
        try used.get()
        try joined.get()
    }
}
