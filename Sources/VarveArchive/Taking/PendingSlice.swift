import Synchronization
import VarveFormat

/// Some entries of a directory, in order, while their contents are read.
final class PendingSlice: Sendable {
    let directory: PendingDirectory

    private struct State: Sendable {
        var nodes: [Node]
        var records: [StatRecord]
        /// Positions of entries that turned out to be gone or unreadable.
        var dropped: Set<Int> = []
        /// Files and directories that are not done, and one more while the walker is at it.
        var waitingFiles: Int
        var waitingDirectories: Int

        var isComplete: Bool { waitingFiles + waitingDirectories == 0 }
    }

    private let state: Mutex<State>

    /// `files` and `directories` of the entries are not done.
    init(
        of directory: PendingDirectory, _ nodes: [Node], _ records: [StatRecord], files: Int,
        directories: Int
    ) {
        self.directory = directory
        state = Mutex(
            State(
                nodes: nodes, records: records, waitingFiles: files + 1,
                waitingDirectories: directories))
    }

    /// What became of a file.
    struct Outcome {
        var position: Int
        /// Nil when it is gone or unreadable.
        var node: Node? = nil
        /// It must not count as unchanged the next time.
        var isRestless = false
    }

    /// Some files are done; true when the whole slice is.
    func complete(_ outcomes: [Outcome]) -> Bool {
        state.withLock { state in
            for outcome in outcomes {
                if let node = outcome.node {
                    state.nodes[outcome.position] = node
                } else {
                    state.dropped.insert(outcome.position)
                }
                if outcome.isRestless { state.records[outcome.position].changed = 0 }
            }
            state.waitingFiles -= outcomes.count
            return state.isComplete
        }
    }

    /// A directory is stored; true when the whole slice is done.
    func complete(_ position: Int, _ stored: PendingDirectory.Stored) -> Bool {
        state.withLock { state in
            state.nodes[position].content = stored.content
            state.nodes[position].entriesBelow = stored.entries
            state.nodes[position].isPartial = stored.isPartial
            state.waitingDirectories -= 1
            return state.isComplete
        }
    }

    /// The walker has handed on all files; true when the whole slice is done.
    func release() -> Bool {
        state.withLock { state in
            state.waitingFiles -= 1
            return state.isComplete
        }
    }

    var isComplete: Bool { state.withLock { $0.isComplete } }

    /// The node of an entry that is not done, to be filled in.
    func node(_ position: Int) -> Node { state.withLock { $0.nodes[position] } }

    /// The stat records of the entries that stayed, once all files are done; nil before.
    func finishedRecords() -> [StatRecord]? {
        state.withLock { state in
            guard state.waitingFiles == 0 else { return nil }
            return Self.staying(state.records, state.dropped)
        }
    }

    /// The nodes that stayed.
    func takeNodes() -> [Node] {
        state.withLock { state in
            defer { state.nodes = [] }
            return Self.staying(state.nodes, state.dropped)
        }
    }

    private static func staying<Item>(_ items: [Item], _ dropped: Set<Int>) -> [Item] {
        guard !dropped.isEmpty else { return items }
        return items.indices.filter { !dropped.contains($0) }.map { items[$0] }
    }
}
