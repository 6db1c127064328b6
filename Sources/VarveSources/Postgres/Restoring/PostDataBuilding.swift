import Synchronization
import VarveArchive
import VarveSystem

/// Builds indexes, keys and what else comes after the rows, several at a time where nothing forbids it.
///
/// `pg_dump` has put everything in an order in which it can be built. Of what stands together there, indexes and
/// keys do not depend on each other, and neither do foreign keys, so a stretch of either is shared out. A key wants its table
/// for itself, a foreign key both of its tables; indexes of one table can be built at the same time.
///
/// Of the first stretch, what needs the rows of its own table and nothing else can be built while other tables
/// are loaded.
struct PostDataBuilding: Sendable {
    private let entries: [DumpScript.Entry]
    /// What can be built as soon as its table is loaded.
    private let early: BuildSchedule
    private let connections: Connections
    private let jobs: Int
    /// What is to be built first of what can be built at any time: bytes of the table.
    private let bytes: [String: Int]

    /// `areLoaded` says that the tables have their rows, or get none.
    init(
        _ script: DumpScript, tables: [PostgresManifest.Table], areLoaded: Bool, jobs: Int,
        connect: @escaping @Sendable () throws -> PostgresConnection
    ) {
        self.jobs = jobs
        let bytes = Dictionary(tables.map { ($0.quotedName, $0.bytes) }) { first, _ in first }
        self.bytes = bytes
        connections = Connections(connect: connect, preamble: script.preamble)
        let first = script.entries.prefix {
            ["INDEX", "CONSTRAINT", "COMMENT"].contains($0.type)
        }
        let isEarly = first.map { entry in
            BuiltObject(entry).map { $0.isPlain && bytes[$0.table] != nil } ?? false
        }
        early = BuildSchedule(
            zip(first, isEarly).filter(\.1).compactMap { Self.task($0.0, bytes) },
            unloaded: areLoaded ? [] : Set(bytes.keys))
        entries = zip(first, isEarly).filter { !$0.1 }.map(\.0) + script.entries[first.count...]
    }

    /// The rows of a table are there.
    func load(_ table: PostgresManifest.Table) { early.load(table.quotedName) }

    /// Takes part in building what can be built while other tables are loaded, until all of that is begun.
    func buildEarly() throws { try build(from: early) }

    /// Gives up: whoever takes part has nothing more to do.
    func stop() { early.stop() }

    /// Builds all that is left, when every table is loaded.
    func run() throws {
        try buildTogether(early)
        var stretch: [DumpScript.Entry] = []
        for entry in entries {
            let joins = stretch.first.map { $0.isForeignKey == entry.isForeignKey } ?? true
            // A comment on an index may wait until the whole stretch is there.
            if entry.type == "COMMENT" ? !stretch.isEmpty : joins && isFree(entry) {
                stretch.append(entry)
                continue
            }
            try build(stretch)
            stretch = isFree(entry) ? [entry] : []
            if stretch.isEmpty { try connections.with { try Self.run(entry, $0) } }
        }
        try build(stretch)
    }

    private func isFree(_ entry: DumpScript.Entry) -> Bool { Self.task(entry, bytes) != nil }

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
    private func build(_ entries: [DumpScript.Entry]) throws {
        try buildTogether(BuildSchedule(entries.compactMap { Self.task($0, bytes) }))
        for comment in entries where comment.type == "COMMENT" {
            try connections.with { try Self.run(comment, $0) }
        }
    }

    /// Nil for what is to be run alone.
    private static func task(
        _ entry: DumpScript.Entry, _ bytes: [String: Int]
    ) -> BuildSchedule.Task? {
        let object = BuiltObject(entry)
        let table = object?.table ?? ""
        var task = BuildSchedule.Task(
            entry: entry, tables: [table], isExclusive: true, bytes: bytes[table] ?? 0)
        switch entry.type {
        case "CONSTRAINT": break
        case "INDEX":
            // It may be followed by what marks it as the one to cluster by.
            task.isExclusive = table.isEmpty || entry.text.contains("\nALTER ")
        case "FK CONSTRAINT":
            // One of a partitioned table takes the locks of all of its partitions as well.
            guard let object, object.isOnly, let other = object.referenced,
                bytes[table] != nil, bytes[other] != nil
            else { return nil }
            task.tables.insert(other)
        default: return nil
        }
        return task
    }

    private func buildTogether(_ schedule: BuildSchedule) throws {
        let count = min(jobs, schedule.count)
        guard count > 0 else { return }
        try WorkerThreads.run(count: count, name: "build") { _ in try build(from: schedule) }
    }

    private func build(from schedule: BuildSchedule) throws {
        guard var task = schedule.take() else { return }
        do {
            try connections.with { connection in
                while true {
                    try Self.run(task.entry, connection)
                    schedule.finish(task)
                    guard let next = schedule.take() else { return }
                    task = next
                }
            }
        } catch {
            schedule.stop()
            throw error
        }
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

extension DumpScript.Entry {
    fileprivate var isForeignKey: Bool { type == "FK CONSTRAINT" }
}
