import VarveSystem

/// Hands out what is to be built, so that nothing waits for a table that somebody else is at, or whose rows are still
/// to come.
final class BuildSchedule: Sendable {
    struct Task: Sendable {
        var entry: DumpScript.Entry
        var tables: Set<String>
        /// It wants its tables for itself.
        var isExclusive: Bool
        var bytes: Int
    }

    private struct State {
        var waiting: [Task]
        /// Tables whose rows are still to come.
        var unloaded: Set<String>
        var busy: [String: (exclusive: Int, shared: Int)] = [:]

        /// The first that can be built now.
        mutating func next() -> Task? {
            guard let index = waiting.firstIndex(where: isPossible) else { return nil }
            let task = waiting.remove(at: index)
            note(task, 1)
            return task
        }

        mutating func note(_ task: Task, _ change: Int) {
            for table in task.tables {
                busy[table, default: (0, 0)].exclusive += task.isExclusive ? change : 0
                busy[table, default: (0, 0)].shared += task.isExclusive ? 0 : change
            }
        }

        private func isPossible(_ task: Task) -> Bool {
            task.tables.allSatisfy { table in
                let (exclusive, shared) = busy[table] ?? (0, 0)
                return !unloaded.contains(table) && exclusive == 0
                    && (!task.isExclusive || shared == 0)
            }
        }
    }

    private let monitor: Monitor<State>
    let count: Int

    init(_ tasks: [Task], unloaded: Set<String> = []) {
        // What takes longest first.
        let sorted = tasks.sorted { $0.bytes > $1.bytes }
        monitor = Monitor(State(waiting: sorted, unloaded: unloaded))
        count = tasks.count
    }

    /// The next that can be built; waits for one, nil when there is none left.
    func take() -> Task? {
        monitor.wait { state -> Task?? in
            if state.waiting.isEmpty { return .some(nil) }
            return state.next().map { .some($0) }
        }
    }

    /// The rows of a table are there.
    func load(_ table: String) { monitor.change { $0.unloaded.remove(table) } }

    func finish(_ task: Task) { monitor.change { $0.note(task, -1) } }

    /// Nothing more is handed out.
    func stop() { monitor.change { $0.waiting = [] } }
}
