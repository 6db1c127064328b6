import TestSupport
import Testing
import VarveSystem

@Suite("The program, with a database", .enabled(if: PostgresServer.isThere))
struct DatabaseCommandTests {
    let server: PostgresServer
    let program: Program
    let database: Database

    /// A database that goes with its test.
    final class Database: Sendable {
        let name = "t" + randomName(byteCount: 6)
        let server: PostgresServer

        init(on server: PostgresServer) throws {
            self.server = server
            try server.sql("CREATE DATABASE \(name) TEMPLATE template0")
        }

        deinit {
            for name in [name, name + "2"] {
                _ = try? server.sql("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            }
        }
    }

    init() throws {
        server = try #require(PostgresServer.current)
        program = try Program()
        database = try Database(on: server)
        try server.sql(
            "CREATE TABLE t AS SELECT i, md5(i::text) AS m FROM generate_series(1, 50000) i",
            in: database.name)
        try program.run("init")
    }

    private func loopback(_ password: String, _ scheme: String = "postgres") -> String {
        "\(scheme)://varve:\(password)@127.0.0.1:\(server.port)/\(database.name)"
    }

    @Test("takes it beside files, lists it, restores it, and writes it for psql")
    func roundTrip() throws {
        try program.write("text", "file")
        let url = loopback(PostgresServer.password, "postgresql+psycopg2")
        let taken = try program.run("snapshot", "create", program.path("file"), url)
        #expect(taken.status == 0, "\(taken.errors)")
        let listed = try program.run(
            "snapshot", "ls", "latest:/postgres/" + database.name + "/data")
        #expect(listed.output.contains("/data/public.t"))
        let shown = try program.run("snapshot", "show", "latest", "--json")
        #expect(shown.output.contains("snapshot_time"))
        let other = loopback(PostgresServer.password) + "2"
        let restored = try program.run("restore", "latest", "--to", other)
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(restored.output.contains("1 table, 50 000 rows"))
        #expect(try server.sql("SELECT count(*) FROM t", in: database.name + "2") == "50000\n")
        let again = try program.run("restore", "latest", "--to", other)
        #expect(again.status == 1)
        let plain = try program.run("dump", "latest", "--format", "plain")
        #expect(
            plain.output.contains("COPY \"public\".\"t\" (\"i\", \"m\") FROM stdin;\n1\tc4ca4238"))
        for run in [taken, listed, shown, restored, again, plain] {
            #expect(!(run.output + run.errors).contains(PostgresServer.password))
        }
    }

    @Test(
        "writes what pg_restore reads, into a pipe, a file and a directory, and leaves no scratch database"
    )
    func archives() throws {
        let url = loopback(PostgresServer.password)
        #expect(try program.run("snapshot", "create", url).status == 0)
        let (piped, directory) = (program.path("piped"), program.path("directory"))
        let run = try program.shell(
            """
            set -e
            dump="$varve dump latest --through \(url)"
            $dump --format custom > \(piped); $dump --format custom -t \(piped)2
            $dump --format directory -t \(directory) > /dev/null
            cmp -n 5 \(piped) \(piped)2
            for made in \(piped) \(piped)2 \(directory); do pg_restore -f - $made | grep -c c4ca4238; done
            """)
        #expect(run.status == 0 && run.output == "1\n1\n1\n", "\(run)")
        let left = "SELECT count(*) FROM pg_database WHERE datname ~ 'varve_scratch'"
        try wait(for: "the end of other tests' scratch databases") {
            try server.sql(left) == "0\n"
        }
        let there = try program.run(
            "dump", "latest", "--format", "custom", "--through", url, "-t", "/dev/full")
        #expect(there.status == 1)
        #expect(try program.run("dump", "latest", "--format", "custom").status == 64)
    }

    @Test("a wrong password is told without it, alone and beside files")
    func wrongPassword() throws {
        try program.write("text", "file")
        let alone = try program.run("snapshot", "create", loopback("wr0ngsecret"))
        #expect(alone.status == 1)
        #expect(alone.errors.contains("password authentication failed"))
        #expect(alone.errors.contains("no snapshot was taken"))
        let beside = try program.run(
            "snapshot", "create", program.path("file"), loopback("wr0ngsecret"))
        #expect(beside.status == 3)
        let restored = try program.run("restore", "latest", "--to", loopback("wr0ngsecret"))
        #expect(restored.status == 1)
        let odd = try program.run("snapshot", "create", loopback("wr0ngsecret%zz"))
        #expect(odd.status == 64)
        for run in [alone, beside, restored, odd] {
            #expect(!(run.output + run.errors).contains("wr0ngsecret"), "\(run)")
        }
    }

    @Test("killed while it dumps leaves no snapshot, no connection, and a repository that works")
    func killed() throws {
        // `pg_dump` waits for this lock, so the dump is surely under way when it is killed.
        let lock = try server.start(
            "psql", ["-X", "-c", "BEGIN; LOCK TABLE t; SELECT pg_sleep(600)"], in: database.name)
        defer { lock.terminate() }
        let count = { (what: String) in
            try server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND \(what)",
                in: database.name)
        }
        try wait(for: "the lock") {
            try count("query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()") == "1\n"
        }
        let url = server.url(database.name)
        let words = ["-r", program.path("repository"), "--key-file", program.path("key")]
        var process: ChildProcess? = try program.start(["snapshot", "create", url] + words)
        _ = process
        try wait(for: "its connection") { try count("application_name = 'varve'") != "0\n" }
        // With its last reference it is killed.
        process = nil
        lock.terminate()
        try server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()",
            in: database.name)
        try wait(for: "the end of its connections") {
            try count("application_name = 'varve'") == "0\n"
        }
        #expect(try program.run("snapshot", "list", "--json").output == "[]\n")
        #expect(try program.run("snapshot", "create", url).status == 0)
        #expect(try program.run("check", "--read-data").status == 0)
    }
}
