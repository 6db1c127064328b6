import TestSupport
import Testing
import VarveSystem

@Suite("varve snapshot verify --restore", .enabled(if: PostgresServer.isThere))
struct ProofCommandTests {
    let server: PostgresServer
    let program: Program
    let database: DatabaseCommandTests.Database
    let temporary: Temporary

    /// A place for temporary files with a short path, for the path of a socket has a limit.
    final class Temporary: Sendable {
        let path = (Environment.value("TMPDIR") ?? "/tmp") + "/p" + randomName(byteCount: 4)

        init() throws {
            try File.makeDirectory(path)
            // Another user runs the scratch server.
            try File.openDirectory(path).setMode(0o711)
        }

        deinit { removeTree(path) }
    }

    init() throws {
        server = try #require(PostgresServer.current)
        program = try Program()
        temporary = try Temporary()
        database = try DatabaseCommandTests.Database(on: server)
        try server.sql(
            "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) i; CREATE INDEX ON t (i)",
            in: database.name)
        try program.run("init")
        #expect(
            try program.run("snapshot", "create", server.url(database.name)).status == 0)
    }

    private var words: [String] {
        [
            "snapshot", "verify", "latest", "-r", program.path("repository"), "--key-file",
            program.path("key"),
        ]
    }
    private var variables: [String: String] { ["TMPDIR": temporary.path] }

    private func verify(_ more: String...) throws -> Program.Run {
        try program.runAlone(words + more, variables)
    }

    private func start(_ more: String...) throws -> ChildProcess {
        try program.start(words + more, variables)
    }

    private var leftovers: [String] {
        get throws {
            try File.openDirectory(temporary.path).entries()
                .map { String(decoding: $0.name, as: UTF8.self) }
        }
    }

    private func grade() throws -> String {
        let listed = try program.run("snapshot", "list", "--json").output
        let start = try #require(listed.ranges(of: "\"grade\":").first?.upperBound)
        return String(listed[start...].drop { " \"".contains($0) }.prefix { $0 != "\"" })
    }

    @Test("raises the grade to what was proven, shows it, and leaves nothing behind")
    func grades() throws {
        #expect(try grade() == "stored")
        #expect(try !program.run("snapshot", "list").output.contains("Grade"))
        let planned = try verify("--restore", "-n")
        #expect(planned.status == 0 && planned.output.contains("scratch server of PostgreSQL"))
        #expect(try grade() == "stored")
        #expect(try verify().status == 0)
        #expect(try grade() == "read")
        let restored = try verify("--restore")
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(restored.output.contains("row counts: those of manifest.json (tables: 1)"))
        #expect(restored.output.contains("is proven: restored"))
        #expect(try grade() == "restored")
        let queried = try verify(
            "--restore", "--json", "--expect-table", "t=1000", "--assert", "SELECT true")
        #expect(queried.status == 0, "\(queried.errors)")
        #expect(queried.output.contains("\"recovery_seconds\":"))
        #expect(try grade() == "queried")
        #expect(try verify().status == 0)
        #expect(try grade() == "queried")
        #expect(try program.run("snapshot", "list").output.contains("  queried"))
        #expect(try program.run("snapshot", "show", "latest").output.contains("queried, 20"))
        #expect(try leftovers == [])
    }

    @Test("a proof that fails is named, and raises nothing")
    func failure() throws {
        let run = try verify("--restore", "--assert", "SELECT count(*) = 7 FROM t")
        #expect(run.status == 1)
        #expect(run.errors.contains("'SELECT count(*) = 7 FROM t' is not true: it answered f"))
        #expect(run.errors.contains("its grade stays stored"))
        #expect(try grade() == "stored")
        let json = try verify("--restore", "--json", "--expect-table", "t=1001")
        #expect(json.status == 1 && json.output.contains("\"valid\":false"))
        #expect(try grade() == "stored")
        #expect(try verify("--assert", "SELECT true").status == 64)
        #expect(try verify("--restore", "--expect-table", "t=many").status == 64)
        #expect(try leftovers == [])
    }

    @Test("the scratch server knows nothing of the program's environment")
    func environment() throws {
        let question = """
            ROLLBACK; CREATE TEMP TABLE e (line text); COPY e FROM PROGRAM 'env';
            SELECT count(*) FILTER (WHERE line LIKE '%hunter2%') = 0 AND count(*) > 0 FROM e
            """
        let run = try program.runAlone(
            words + ["--restore", "--assert", question],
            variables.merging(["SECRET": "hunter2"]) { $1 })
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test("what is damaged is not restored, and raises nothing")
    func damage() throws {
        let run = try program.shell(
            """
            for pack in $(find "$VARVE_REPOSITORY/packs/data" -type f); do
                chmod 600 $pack; printf xxxxxxxx | dd of=$pack bs=1 seek=200 conv=notrunc
            done
            """)
        #expect(run.status == 0)
        let verified = try verify("--restore")
        #expect(verified.status == 20, "\(verified.output)")
        #expect(!verified.output.contains("restored into"))
        #expect(try grade() == "stored")
    }

    /// The directory of a proof that waits for an answer to its question.
    private func waitForQuestion() throws -> String {
        var found = ""
        try wait(for: "the question") {
            guard let name = try leftovers.first else { return false }
            found = temporary.path + "/" + name
            let running = try program.shell(
                "psql -X -A -t -h \(found) -p 5432 -U varve_proof postgres -c \"SELECT count(*) "
                    + "FROM pg_stat_activity WHERE query LIKE 'SELECT pg!_sleep%' ESCAPE '!'\"")
            return running.output == "1\n"
        }
        return found
    }

    /// Whether a process has its working directory below a scratch directory.
    private func hasServer(_ place: String) throws -> Bool {
        let run = try program.shell(
            "ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -c -- '-> \(place)/data'; true")
        return run.output != "0\n"
    }

    @Test("asked to end, it ends its server and removes everything")
    func interrupted() throws {
        let process = try start("--restore", "--assert", "SELECT pg_sleep(600) IS NOT NULL")
        let place = try waitForQuestion()
        #expect(try hasServer(place))
        process.terminate()
        #expect(try Program.finish(process).status == 130)
        #expect(try !hasServer(place))
        #expect(try leftovers == [])
        #expect(try grade() == "stored")
    }

    @Test("killed, its server goes with it, and the next proof removes the rest")
    func killed() throws {
        var process: ChildProcess? = try start(
            "--restore", "--assert", "SELECT pg_sleep(600) IS NOT NULL")
        #expect(process != nil)
        let place = try waitForQuestion()
        // With its last reference it is killed.
        process = nil
        try wait(for: "the end of the server") { try !hasServer(place) }
        #expect(try leftovers.map { temporary.path + "/" + $0 } == [place])
        // What somebody still uses is left alone.
        try File.makeDirectory(temporary.path + "/varve-proof-used")
        let used = try File.openDirectory(temporary.path + "/varve-proof-used")
        #expect(try used.tryToLock())
        #expect(try verify("--restore").status == 0)
        #expect(try leftovers == ["varve-proof-used"])
        _ = used.descriptor
    }

    @Test("an ordinary user can do it as well", .enabled(if: Accounts.currentUser == 0))
    func ordinaryUser() throws {
        let home = program.path("")
        let run = try program.shell(
            """
            cd \(home) && chown -R 65534:65534 . \(temporary.path) && export TMPDIR=\(temporary.path) &&
            exec setpriv --reuid 65534 --regid 65534 --clear-groups "$varve" verify latest --restore
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("is proven: restored"))
        #expect(try leftovers == [])
    }
}
