import Synchronization
import VarveFormat

/// What the actors of a schedule know of what they did.
final class Ledger: Sendable {
    private struct State {
        var contents: [SnapshotID: [[UInt8]]] = [:]
        var committed: Set<SnapshotID> = []
        var forgotten: Set<SnapshotID> = []
        var broken: [String] = []
        var overtaken = 0
    }

    private let state = Mutex(State())

    /// A snapshot is about to be committed, and may be whatever is answered.
    func begin(_ id: SnapshotID, _ contents: [[UInt8]]) {
        state.withLock { $0.contents[id] = contents }
    }

    func commit(_ id: SnapshotID) { state.withLock { _ = $0.committed.insert(id) } }
    func forget(_ ids: [SnapshotID]) { state.withLock { $0.forgotten.formUnion(ids) } }
    func overtake() { state.withLock { $0.overtaken += 1 } }
    /// A promise was broken.
    func breaks(_ promise: String) { state.withLock { $0.broken.append(promise) } }

    func contents(of id: SnapshotID) -> [[UInt8]]? { state.withLock { $0.contents[id] } }
    /// Those that must be there, and those that nobody may miss.
    var committed: Set<SnapshotID> { state.withLock { $0.committed } }
    var forgotten: Set<SnapshotID> { state.withLock { $0.forgotten } }
    var broken: [String] { state.withLock { $0.broken } }
    var overtakings: Int { state.withLock { $0.overtaken } }
}
