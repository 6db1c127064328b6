import Synchronization
import VarveArchive
import VarveSystem

/// Builds indexes, keys and what else comes after the rows, several at a time where nothing forbids it.
///
/// `pg_dump` has put everything in an order in which it can be built. Of what stands together there, indexes and
/// keys do not depend on each other, so a stretch of them is shared out. A key wants its table for itself; indexes of one table can be
/// built at the same time.
struct PostDataBuilding {
    private let script: DumpScript
    private let connect: @Sendable () throws -> PostgresConnection
    private let jobs: Int
    /// What is to be built first of what can be built at any time: bytes of the table.
    private let bytes: [String: Int]

    init(
        _ script: DumpScript, tables: [PostgresManifest.Table], jobs: Int,
        connect: @escaping @Sendable () throws -> PostgresConnection
    ) {
        self.script = script
        self.jobs = jobs
        self.connect = connect
        bytes = Dictionary(
            tables.map { (SQLText.identifier($0.schema, $0.name), $0.bytes) }
        ) { first, _ in first }
    }

    func run() throws {
        let connections = Connections(connect: connect, preamble: script.preamble)
        var stretch: [DumpScript.Entry] = []
        for entry in script.entries {
            // A comment on an index may wait until the whole stretch is there.
            if Self.isFree(entry) || entry.type == "COMMENT" && !stretch.isEmpty {
                stretch.append(entry)
                continue
            }
            try build(stretch, connections)
            stretch = []
            try connections.with { try Self.run(entry, $0) }
        }
        try build(stretch, connections)
    }

    private static func isFree(_ entry: DumpScript.Entry) -> Bool {
        entry.type == "INDEX" || entry.type == "CONSTRAINT"
    }

    private static func run(
        _ entry: DumpScript.Entry, _ connection: PostgresConnection
    ) throws {
        do {
            try connection.run(entry.settings + entry.text)
        } catch let error as SourceError where error.state == "40P01" {
            // Two that were built at the same time stood in each other's way.
            try connection.run(entry.settings + entry.text)
        } catch {
            throw SourceError.naming("\(entry.type) \(entry.name)", error)
        }
    }

    /// Builds one stretch, then sets its comments.
    private func build(_ entries: [DumpScript.Entry], _ connections: Connections) throws {
        let comments = entries.filter { $0.type == "COMMENT" }
        let schedule = Schedule(
            entries.filter(Self.isFree).map { entry in
                let table = BuiltObject(entry)?.table ?? ""
                // An index may be followed by what marks it as the one to cluster by.
                let isIndexOnly = entry.type == "INDEX" && !entry.text.contains("\nALTER ")
                return Schedule.Task(
                    entry: entry, table: table, isExclusive: !isIndexOnly || table.isEmpty,
                    bytes: bytes[table] ?? 0)
            })
        let count = min(jobs, schedule.count)
        if count > 0 {
            try WorkerThreads.run(count: count, name: "build") { _ in
                do {
                    try connections.with { connection in
                        while let task = schedule.take() {
                            try Self.run(task.entry, connection)
                            schedule.finish(task)
                        }
                    }
                } catch {
                    schedule.stop()
                    throw error
                }
            }
        }
        for comment in comments { try connections.with { try Self.run(comment, $0) } }
    }

    /// Connections that are used again.
    private final class Connections: Sendable {
        private let free = Mutex<[PostgresConnection]>([])
        private let connect: @Sendable () throws -> PostgresConnection
        private let preamble: String

        init(connect: @escaping @Sendable () throws -> PostgresConnection, preamble: String) {
            self.connect = connect
            self.preamble = preamble
        }

        func with(_ body: (PostgresConnection) throws -> Void) throws {
            let connection = try free.withLock { $0.popLast() } ?? make()
            try body(connection)
            free.withLock { $0.append(connection) }
        }

        private func make() throws -> PostgresConnection {
            let connection = try connect()
            try connection.run(preamble)
            return connection
        }
    }
}

/// Hands out what is to be built, so that nothing waits for a table that somebody else is at.
private final class Schedule: Sendable {
    struct Task: Sendable {
        var entry: DumpScript.Entry
        var table: String
        /// It wants its table for itself.
        var isExclusive: Bool
        var bytes: Int
    }

    private struct State {
        var waiting: [Task]
        var busy: [String: (exclusive: Int, shared: Int)] = [:]

        /// The first that can be built now.
        mutating func next() -> Task? {
            guard let index = waiting.firstIndex(where: isPossible) else { return nil }
            let task = waiting.remove(at: index)
            note(task, 1)
            return task
        }

        mutating func note(_ task: Task, _ change: Int) {
            busy[task.table, default: (0, 0)].exclusive += task.isExclusive ? change : 0
            busy[task.table, default: (0, 0)].shared += task.isExclusive ? 0 : change
        }

        private func isPossible(_ task: Task) -> Bool {
            let (exclusive, shared) = busy[task.table] ?? (0, 0)
            return exclusive == 0 && (!task.isExclusive || shared == 0)
        }
    }

    private let monitor: Monitor<State>
    let count: Int

    init(_ tasks: [Task]) {
        // What takes longest first.
        monitor = Monitor(State(waiting: tasks.sorted { $0.bytes > $1.bytes }))
        count = tasks.count
    }

    /// The next that can be built; waits for one, nil when there is none left.
    func take() -> Task? {
        monitor.wait { state -> Task?? in
            if state.waiting.isEmpty { return .some(nil) }
            return state.next().map { .some($0) }
        }
    }

    func finish(_ task: Task) { monitor.change { $0.note(task, -1) } }

    /// Nothing more is handed out.
    func stop() { monitor.change { $0.waiting = [] } }
}
