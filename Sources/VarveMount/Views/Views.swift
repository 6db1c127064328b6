import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// The views of a repository's snapshots as they are now, with a number for each.
///
/// A number stands for the same view as long as the process runs. Snapshots that were forgotten keep theirs.
final class Views: Sendable {
    typealias SnapshotEntry = RepositoryState.SnapshotEntry

    private struct State {
        var tree = ViewTree()
        var numbers: [ViewTree.Key: Int] = [:]
        /// By their numbers, from 1 on.
        var keys: [ViewTree.Key] = []
        /// The name of each when it was last there.
        var names: [Int: [UInt8]] = [:]
        /// All that ever were.
        var snapshots: [SnapshotID: SnapshotEntry] = [:]
        /// The number of the log's record up to which this was made.
        var logNumber: UInt64?
        /// When the list changed last, by the wall clock: directories of views have this time.
        var changed: Int64 = 0
        /// When the log was read last, by the monotonic clock.
        var looked: Int64
    }

    private let state: Mutex<State>
    private let isLooking = Mutex(false)
    private let repository: Repository
    private let knownFor: Int64
    private let admits: @Sendable (SnapshotEntry) -> Bool

    /// The log is read again when it was read more than `knownFor` nanoseconds ago.
    init(
        _ repository: Repository, knownFor: Int64,
        admits: @escaping @Sendable (SnapshotEntry) -> Bool
    ) {
        self.repository = repository
        self.knownFor = knownFor
        self.admits = admits
        state = Mutex(State(looked: Clock.monotonicNanoseconds()))
        take(repository.state)
    }

    /// When the list changed last, in nanoseconds since 1970.
    var changed: Int64 { state.withLock { $0.changed } }

    /// Reads the log when it was last read a while ago; only one thread does, others go on with what is known.
    func lookAgain() throws {
        let age = Clock.monotonicNanoseconds() - state.withLock { $0.looked }
        guard age > knownFor, startLooking() else { return }
        defer { isLooking.withLock { $0 = false } }
        defer { state.withLock { $0.looked = Clock.monotonicNanoseconds() } }
        try repository.refresh()
        take(repository.state)
    }

    private func startLooking() -> Bool {
        isLooking.withLock { isLooking in
            defer { isLooking = true }
            return !isLooking
        }
    }

    private func take(_ log: RepositoryState) {
        guard state.withLock({ $0.logNumber }) != log.number else { return }
        let tree = ViewTree(log.snapshots.filter(admits))
        state.withLock { state in
            state.logNumber = log.number
            guard tree != state.tree || state.keys.isEmpty else { return }
            state.tree = tree
            state.changed = max(Clock.wallNanoseconds(), state.changed + 1)
            state.snapshots.merge(tree.snapshots) { $1 }
            Self.number(tree, &state)
        }
    }

    /// Numbers what has none; the root is the first.
    private static func number(_ tree: ViewTree, _ state: inout State) {
        _ = number(of: ViewTree.root, &state)
        for entries in tree.directories.values {
            for entry in entries { state.names[number(of: entry.key, &state)] = entry.name }
        }
    }

    private static func number(of key: ViewTree.Key, _ state: inout State) -> Int {
        if let known = state.numbers[key] { return known }
        state.keys.append(key)
        state.numbers[key] = state.keys.count
        return state.keys.count
    }

    /// What a number stands for; nil when no view ever had it.
    func key(_ number: Int) -> ViewTree.Key? {
        state.withLock { $0.keys.indices.contains(number - 1) ? $0.keys[number - 1] : nil }
    }

    /// A snapshot that is or was there.
    func snapshot(_ id: SnapshotID) -> SnapshotEntry? { state.withLock { $0.snapshots[id] } }

    /// What is in a directory of views; nil when it is no such directory, or is gone.
    func entries(of key: ViewTree.Key) -> [ViewTree.Entry]? {
        state.withLock { $0.tree.directories[key] }
    }

    /// The name that a view has, or had when it was last there; nil for the root.
    func name(_ number: Int) -> [UInt8]? { state.withLock { $0.names[number] } }

    func number(of key: ViewTree.Key) -> Int? { state.withLock { $0.numbers[key] } }
}
