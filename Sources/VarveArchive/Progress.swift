import Synchronization

/// How far some work has come; written by its threads, read by whoever shows it.
public final class Progress: Sendable {
    public struct Reading: Sendable {
        public var files = 0
        public var bytes = 0
        public var errors = 0
        /// 0 while unknown.
        public var filesTotal = 0
        public var bytesTotal = 0
        /// What is being read or written right now.
        public var current = ""
    }

    private let files = Atomic(0)
    private let bytes = Atomic(0)
    private let errors = Atomic(0)
    private let filesTotal = Atomic(0)
    private let bytesTotal = Atomic(0)
    private let current = Mutex("")

    public init() {}

    public var reading: Reading {
        Reading(
            files: files.load(ordering: .relaxed), bytes: bytes.load(ordering: .relaxed),
            errors: errors.load(ordering: .relaxed),
            filesTotal: filesTotal.load(ordering: .relaxed),
            bytesTotal: bytesTotal.load(ordering: .relaxed), current: current.withLock { $0 })
    }

    /// Says what there is to do, as far as it is known.
    public func expect(files: Int, bytes: Int) {
        filesTotal.store(files, ordering: .relaxed)
        bytesTotal.store(bytes, ordering: .relaxed)
    }

    /// The work begins again.
    func restart() {
        files.store(0, ordering: .relaxed)
        bytes.store(0, ordering: .relaxed)
        errors.store(0, ordering: .relaxed)
    }

    public func add(files added: Int = 0, bytes more: Int = 0) {
        if added > 0 { files.wrappingAdd(added, ordering: .relaxed) }
        if more > 0 { bytes.wrappingAdd(more, ordering: .relaxed) }
    }

    func addError() { errors.wrappingAdd(1, ordering: .relaxed) }

    func show(_ name: String) { current.withLock { $0 = name } }
}
