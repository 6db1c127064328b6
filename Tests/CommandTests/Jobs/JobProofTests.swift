import TestSupport
import Testing
import VarveSystem

@Suite("varve run, with proofs")
struct JobProofTests {
    let jobs: JobProgram

    init() throws {
        jobs = try JobProgram()
        let made = try jobs.program.shell(
            """
            sqlite3 \(jobs.program.path("app/data/live.db")) "PRAGMA journal_mode=WAL; \
            CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (1), (2)"
            """)
        #expect(made.status == 0, "\(made.errors)")
    }

    private func write(every: String, rows: Int, rest: String = "") throws {
        try jobs.jobs(
            """
            jobs:
              app:
                sources: [data]
                verify:
                  every: \(every)
                  expect_tables: [users=\(rows)]
                  assertions:
                    - {name: somebody is there, sql: SELECT count(*) FROM users}
            \(rest)
            """)
    }

    private func grade() throws -> String {
        let shown = try jobs.varve("snapshot", "show", "latest", "--json").output
        return ["stored", "read", "restored", "queried"].first {
            shown.contains(#""grade":"\#($0)""#)
        } ?? shown
    }

    @Test("a proof is due again when the newest is old enough, and its grade is kept")
    func intervals() throws {
        try write(every: "7d", rows: 2)
        let first = try jobs.run("app")
        #expect(first.status == 0, "\(first)")
        #expect(first.output.contains("'somebody is there' is true"), "\(first)")
        #expect(try grade() == "queried")
        let second = try jobs.run("app")
        #expect(second.status == 0 && !second.output.contains("is proven"), "\(second)")
        #expect(try grade() == "stored")
        try write(every: "run", rows: 2)
        #expect(try jobs.run("app").output.contains("is proven: queried"))
        #expect(try jobs.run("app", "-n").output.contains("would prove the snapshot"))
    }

    @Test("where it fails nothing is forgotten, the hooks know, and the copy is made all the same")
    func failing() throws {
        try write(every: "run", rows: 1)
        #expect(try jobs.run("app").status == 0)
        let copy = jobs.program.path("copy")
        try write(
            every: "run", rows: 3,
            rest: """
                    retention: {keep_last: 1}
                    sync: ['\(copy)']
                    hooks: {on_failure: ['echo "$VARVE_ERROR" >> failures']}
                """)
        let failed = try jobs.run("app", "--yes")
        #expect(failed.status == 1, "\(failed)")
        #expect(failed.errors.contains("has 2 rows, and should have 3 at least"), "\(failed)")
        #expect(try jobs.snapshotCount() == 2)
        #expect(
            jobs.lines("app/failures").contains {
                $0.contains("is not proven") && $0.contains("3 at least")
            })
        let copied = try jobs.varve("snapshot", "list", "-r", copy, "--json")
        #expect(copied.output.ranges(of: "\"id\":\"").count == 2, "\(copied)")
    }

    @Test("verify takes the questions, the repository and the snapshots of a job")
    func namedJob() throws {
        try write(every: "1y", rows: 3)
        #expect(try jobs.run("app").status == 1)
        #expect(try jobs.varve("backup", jobs.program.path("app/data")).status == 0)
        let file = jobs.program.path("app/varve.yaml")
        let failed = try jobs.varve(
            "verify", "latest", "--restore", "--job", "app", "--config", file)
        #expect(failed.status == 1 && failed.errors.contains("should have 3"), "\(failed)")
        try write(every: "1y", rows: 2)
        let proven = try jobs.varve(
            "verify", "latest", "--restore", "--job", "app", "--config", file)
        #expect(proven.status == 0 && proven.output.contains("is proven: queried"), "\(proven)")
        // That of the job, not the newest of all.
        #expect(try grade() == "stored")
        let unknown = try jobs.varve(
            "verify", "latest", "--restore", "--job", "no", "--config", file)
        #expect(unknown.status == 64 && unknown.errors.contains("has no job 'no'"), "\(unknown)")
    }

    @Test("databases among its files are taken as such, unless the job says otherwise")
    func foundDatabases() throws {
        let live = jobs.program.path("app/data/live.db")
        // Held open, so that the WAL is not written back.
        let holder = try ChildProcess(
            "python3",
            [
                "-c",
                "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1]); "
                    + "c.execute('INSERT INTO users VALUES (3)'); c.commit(); "
                    + "print('ready', flush=True); time.sleep(600)", live,
            ])
        defer { holder.terminate() }
        var room = [UInt8](repeating: 0, count: 6)
        _ = try room.withUnsafeMutableBytes { try holder.output.read(into: $0) }
        try jobs.jobs(
            "jobs: {app: {sources: [data]}, raw: {sources: [data], databases: {sqlite_files: off}}}"
        )
        #expect(try jobs.run("app").status == 0)
        let taken = try jobs.varve("ls", "latest").output
        #expect(taken.contains("live.db") && !taken.contains("live.db-wal"), "\(taken)")
        #expect(try jobs.run("raw").status == 0)
        #expect(try jobs.varve("ls", "latest").output.contains("live.db-wal"))
    }
}
