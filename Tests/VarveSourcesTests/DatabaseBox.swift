import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveSources

/// A repository in memory, and databases of a test's own on a server, gone with it.
final class DatabaseBox: Sendable {
    let server: PostgresServer
    private let box: RepositoryBox
    private let names = Mutex<[String]>([])
    private let roles = Mutex<[String]>([])

    init(_ server: PostgresServer? = nil) throws {
        self.server = try server ?? #require(PostgresServer.current)
        box = try RepositoryBox()
    }

    deinit {
        for name in names.withLock({ $0 }) {
            _ = try? server.sql("DROP DATABASE IF EXISTS \"\(name)\" WITH (FORCE)")
        }
        for role in roles.withLock({ $0 }) {
            _ = try? server.sql("DROP ROLE IF EXISTS \"\(role)\"")
        }
    }

    var repository: Repository { box.repository }

    func path(_ name: String) -> String { box.path(name) }

    /// A name that is removed at the end, for a database that somebody makes.
    func name() -> String {
        let name = "t" + randomName(byteCount: 6)
        names.withLock { $0.append(name) }
        return name
    }

    /// An empty database.
    func database() throws -> String {
        let name = name()
        try server.sql("CREATE DATABASE \(name) TEMPLATE template0")
        return name
    }

    /// A role that may log in.
    func role(_ options: String = "") throws -> String {
        let name = "r" + randomName(byteCount: 6)
        roles.withLock { $0.append(name) }
        try server.sql("CREATE ROLE \(name) LOGIN \(options)")
        return name
    }

    /// A database with every kind of object.
    func everyKind() throws -> String {
        let (owner, reader) = (try role(), try role())
        let name = try database()
        try server.sql(
            """
            ALTER DATABASE \(name) OWNER TO \(owner);
            ALTER DATABASE \(name) SET work_mem = '8MB';
            ALTER DATABASE \(name) SET search_path TO "$user", public, "odd.schema";
            ALTER ROLE \(reader) IN DATABASE \(name) SET statement_timeout = '5s';
            REVOKE CONNECT ON DATABASE \(name) FROM PUBLIC;
            GRANT CONNECT ON DATABASE \(name) TO \(reader);
            COMMENT ON DATABASE \(name) IS 'every ''kind''';
            """)
        let top = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        try run(
            top + "/Fixtures/postgres/every-kind.sql", ["OWNER": owner, "READER": reader], in: name)
        return name
    }

    /// Lets psql run a script, up to its first error.
    private func run(
        _ script: String, _ variables: [String: String] = [:], in database: String
    ) throws {
        let settings = variables.merging(["ON_ERROR_STOP": "1"]) { $1 }
        let words = settings.flatMap { ["-v", "\($0)=\($1)"] }
        try server.run(
            "psql", ["-X", "-q", "-o", "/dev/null", "-f", script] + words, in: database)
    }

    /// Takes a snapshot of databases, or of a tree that stands for one.
    @discardableResult
    func snapshot(
        _ databases: String..., user: String = PostgresServer.user, jobs: Int = 2,
        globals: Bool = false,
        _ change: (any VirtualTree) -> any VirtualTree = { $0 }
    ) throws -> SnapshotReport {
        var options = SourceOptions()
        options.jobs = jobs
        options.globals = globals
        var sources: [SnapshotSource] = []
        for database in databases {
            guard
                case .trees(let trees) = try SourceWord(server.url(database, user: user), options)
            else { continue }
            sources += trees.map { SnapshotSource.virtual(change($0)) }
        }
        return try takeSnapshot(
            of: sources, into: repository,
            SnapshotOptions(time: 1, host: "host", user: "user", program: "test"))
    }

    var newest: RepositoryState.SnapshotEntry { get throws { try box.newest } }

    /// Restores from the newest snapshot.
    @discardableResult
    func restore(
        _ database: String, to target: String,
        _ change: (inout DatabaseRestoreOptions) -> Void = { _ in }
    ) throws -> DatabaseRestoreReport {
        var options = DatabaseRestoreOptions()
        change(&options)
        return try restoreDatabase(
            at: place(database), of: newest, repository, to: server.url(target), options,
            progress: Progress())
    }

    /// Lets psql run the script that the newest snapshot's dump becomes.
    func restorePlain(_ database: String, into target: String) throws {
        let script = path(randomName())
        try dumpScript(
            at: place(database), of: newest, repository, to: try File.createExclusively(script),
            progress: Progress())
        try run(script, in: target)
    }

    func place(_ database: String) -> [[UInt8]] { ["postgres", database].map { Array($0.utf8) } }

    /// A file of the newest snapshot's dump.
    func file(_ name: String, of database: String) throws -> String {
        let output = path(randomName())
        let file = try File.createExclusively(output)
        let names = name.split(separator: "/").map { Array($0.utf8) }
        _ = try dump(
            place(database) + names, of: newest, repository, to: file, progress: Progress())
        return String(decoding: try File.contents(of: output, limit: 1 << 30), as: UTF8.self)
    }

    /// What `pg_dump` writes of a database, with the database's own properties, under the name `as`.
    func dumped(_ database: String, as name: String) throws -> String {
        let text = try server.run("pg_dump", ["--create"], in: database)
        let lines = text.split(separator: "\n").filter {
            !$0.hasPrefix("\\restrict") && !$0.hasPrefix("\\unrestrict")
        }
        return lines.joined(separator: "\n").replacing(database, with: name)
    }

    /// Databases that are left over of a restore to one.
    func leftovers(of target: String) throws -> String {
        try server.sql(
            "SELECT datname FROM pg_database WHERE datname LIKE 'varve!_%!_\(target)!_%' ESCAPE '!'"
        )
    }
}

/// A tree that does something right after it was opened, and whenever some of it was read.
struct HookedTree: VirtualTree {
    let tree: any VirtualTree
    var opened: @Sendable (any VirtualTreeReading) throws -> Void = { _ in }
    /// Before each piece of each file's content.
    var reading: @Sendable (_ file: String) throws -> Void = { _ in }

    var source: SnapshotManifest.Source { tree.source }
    var place: [[UInt8]] { tree.place }

    func open() throws -> any VirtualTreeReading {
        let inner = try tree.open()
        try opened(inner)
        return Reading(inner: inner, reading: reading)
    }

    private struct Reading: VirtualTreeReading {
        let inner: any VirtualTreeReading
        let reading: @Sendable (String) throws -> Void

        var jobs: Int { inner.jobs }
        var root: VirtualNode { hooked(inner.root) }
        func finish() throws -> [String: String] { try inner.finish() }

        private func hooked(_ node: VirtualNode) -> VirtualNode {
            var node = node
            let name = String(decoding: node.name, as: UTF8.self)
            switch node.content {
            case .directory(let nodes): node.content = .directory(nodes.map(hooked))
            case .file(var file):
                let open = file.open
                file.open = { job in
                    Content(inner: try open(job), hook: { try reading(name) })
                }
                node.content = .file(file)
            }
            return node
        }
    }

    private final class Content: ContentInput {
        private let inner: any ContentInput
        private let hook: () throws -> Void

        init(inner: any ContentInput, hook: @escaping () throws -> Void) {
            self.inner = inner
            self.hook = hook
        }

        func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
            try hook()
            return try inner.read(into: room)
        }
    }
}
