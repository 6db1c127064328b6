import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveSources

@Suite("A PostgreSQL database", .enabled(if: PostgresServer.isThere))
struct PostgresTests {
    @Test(
        "with every kind of object comes back so that pg_dump writes the same", arguments: [1, 3])
    func everyKind(jobs: Int) throws {
        let box = try DatabaseBox()
        let database = try box.everyKind()
        let report = try box.snapshot(database, jobs: jobs)
        #expect(!report.isIncomplete)
        let target = box.name()
        let restored = try box.restore(database, to: target) { $0.jobs = jobs }
        #expect(restored.rows > 4_000)
        let (before, after) = (try box.dumped(database, as: "x"), try box.dumped(target, as: "x"))
        #expect(before == after)
        #expect(before.contains("COMMENT ON LARGE OBJECT"))
        #expect(try box.leftovers(of: target) == "")
    }

    @Test("becomes a script for psql, from which pg_dump writes the same")
    func plain() throws {
        let box = try DatabaseBox()
        let database = try box.everyKind()
        try box.snapshot(database)
        let target = try box.database()
        try box.restorePlain(database, into: target)
        let plain = { (name: String) in
            try box.server.run("pg_dump", [], in: name).split(separator: "\n").filter {
                !$0.contains("restrict ")
            }
        }
        #expect(try plain(database) == plain(target))
    }

    @Test("is described by its manifest and its anchors")
    func manifest() throws {
        let box = try DatabaseBox()
        let database = try box.everyKind()
        try box.snapshot(database, globals: true)
        let manifest = try PostgresManifest(
            json: Array(try box.file("manifest.json", of: database).utf8))
        #expect(manifest.database.name == database)
        let rows = Dictionary(
            uniqueKeysWithValues: manifest.tables.map { ("\($0.schema).\($0.name)", $0.rows) })
        #expect(rows["public.users"] == 2_000)
        #expect(rows["public.nothing"] == 2)
        #expect(rows["public.empty"] == 0)
        #expect(rows["odd.schema.a/b.c \"q\" é"] == 1)
        // What only has parts, what is another server's, and what is filled by a query.
        for name in ["public.orders", "public.far", "public.counts"] { #expect(rows[name] == nil) }
        let ident = manifest.tables.first { $0.name == "ident" }
        #expect(ident?.columns == ["id", "v", "later"])
        #expect(manifest.sequences.first { $0.name == "lonely" }?.value == 10)
        #expect(manifest.sequences.first { $0.name == "untouched" }?.called == false)
        let sources = try box.repository.manifest(try box.newest).sources
        #expect(sources.count == 1)
        #expect(sources[0].anchors["lsn"] == manifest.lsn)
        #expect(sources[0].anchors["timeline"] == "1")
        #expect(sources[0].anchors["server_version"] == manifest.server)
        #expect(try box.file("globals.sql", of: database).contains("CREATE ROLE"))
    }

    @Test("is dumped as it was at one moment, whatever is written meanwhile")
    func load() throws {
        let box = try DatabaseBox()
        let database = try box.database()
        try box.server.run("pgbench", ["-i", "-q", "-s", "2"], in: database)
        let bench = try box.server.start("pgbench", ["-c", "2", "-T", "600"], in: database)
        defer { bench.terminate() }
        let written: @Sendable () throws -> String = {
            try box.server.sql("SELECT count(*) FROM pgbench_history", in: database)
        }
        try wait(for: "the first writes") { try written() != "0" }
        // Every piece waits until something more was written.
        let last = Mutex(try written())
        try box.snapshot(database) { tree in
            HookedTree(
                tree: tree,
                reading: { file in
                    guard file.hasPrefix("public.") else { return }
                    let before = last.withLock { $0 }
                    try wait(for: "more writes") { try written() != before }
                    let now = try written()
                    last.withLock { $0 = now }
                })
        }
        bench.terminate()
        let target = box.name()
        try box.restore(database, to: target)
        let sums = try box.server.sql(
            """
            SELECT (SELECT sum(abalance) FROM pgbench_accounts), (SELECT sum(tbalance) FROM pgbench_tellers),
                (SELECT sum(bbalance) FROM pgbench_branches), (SELECT sum(delta) FROM pgbench_history)
            """, in: target)
        #expect(Set(sums.split(whereSeparator: { $0 == "|" || $0 == "\n" })).count == 1, "\(sums)")
        #expect(try box.server.sql("SELECT count(*) > 0 FROM pgbench_history", in: target) == "t\n")
    }

    @Test("is whole although somebody waits to drop its tables")
    func droppedTable() throws {
        let box = try DatabaseBox()
        let database = try box.everyKind()
        let drop = Mutex<ChildProcess?>(nil)
        try box.snapshot(database, jobs: 3) { tree in
            HookedTree(
                tree: tree,
                opened: { reading in
                    // They take locks of their own at their beginning; here they have ended, since what
                    // they write fits into a pipe.
                    let reading = try #require(reading as? PostgresReading)
                    #expect(try reading.schemaBefore.wait().isSuccess)
                    #expect(try reading.schemaAfter.wait().isSuccess)
                    let process = try box.server.start(
                        "psql", ["-X", "-c", "DROP TABLE users CASCADE"], in: database)
                    drop.withLock { $0 = process }
                    try wait(for: "a lock that is waited for") {
                        try box.server.sql(
                            """
                            SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                            WHERE NOT granted AND mode = 'AccessExclusiveLock' AND datname = current_database()
                            """, in: database) == "1\n"
                    }
                })
        }
        let process = try #require(drop.withLock { $0 })
        #expect(try process.wait().isSuccess)
        let exists = try box.server.sql("SELECT to_regclass('users') IS NULL", in: database)
        #expect(exists == "t\n")
        let target = box.name()
        try box.restore(database, to: target)
        #expect(try box.server.sql("SELECT count(*) FROM public.users", in: target) == "2000\n")
    }

    @Test("whose server dies meanwhile is in no snapshot, and takes nothing beside it along")
    func serverKilled() throws {
        let own = try OwnPostgresServer()
        let box = try DatabaseBox(own.server)
        let database = try box.database()
        try own.server.sql(
            "CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 200000) i",
            in: database)
        let pieces = Atomic(0)
        #expect(throws: ArchiveError.self) {
            try box.snapshot(database) { tree in
                HookedTree(
                    tree: tree,
                    reading: { file in
                        guard file == "public.t" else { return }
                        if pieces.wrappingAdd(1, ordering: .relaxed).newValue == 3 { own.stop() }
                    })
            }
        }
        #expect(pieces.load(ordering: .relaxed) >= 3)
        try box.repository.refresh()
        #expect(box.repository.state.snapshots.isEmpty)
    }

    @Test("that hides rows from the role that dumps fails, and so does one that refuses it")
    func rights() throws {
        let box = try DatabaseBox()
        let database = try box.database()
        let role = try box.role()
        try box.server.sql(
            """
            CREATE TABLE t (a integer); INSERT INTO t VALUES (1); GRANT SELECT ON t TO \(role);
            ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY none ON t USING (false);
            """, in: database)
        #expect { try box.snapshot(database, user: role) } throws: {
            "\($0)".contains("row-level security")
        }
        try wait(for: "the end of its connections") {
            try box.server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()",
                in: database) == "1\n"
        }
        try box.server.sql("ALTER TABLE t DISABLE ROW LEVEL SECURITY", in: database)
        try box.snapshot(database, user: role)
        try box.server.sql("REVOKE SELECT ON t FROM \(role)", in: database)
        #expect { try box.snapshot(database, user: role) } throws: {
            "\($0)".contains("permission denied for table t")
        }
        #expect(try box.file("data/public.t", of: database) == "1\n")
    }

    @Test("is one of several of a server, or all of them")
    func several() throws {
        let own = try OwnPostgresServer()
        let box = try DatabaseBox(own.server)
        let names = [try box.database(), try box.database()].sorted()
        let report = try box.snapshot("*")
        #expect(
            report.sources.map { $0.split(separator: "/").last.map(String.init) } == ["postgres"]
                + names)
    }
}
