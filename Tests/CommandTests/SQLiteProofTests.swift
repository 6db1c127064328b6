import TestSupport
import Testing
import VarveSystem

@Suite("varve snapshot verify --restore, of SQLite")
struct SQLiteProofTests {
    let varve: Program
    var temporary: String { varve.path("temporary") }

    init() throws {
        varve = try Program()
        try File.makeDirectory(varve.path("temporary"))
        try varve.run("init")
    }

    private func verify(_ statements: String, _ more: String...) throws -> Program.Run {
        let run = try varve.shell(
            """
            sqlite3 \(varve.path("live.db")) "\(statements)" &&
            "$varve" backup sqlite:\(varve.path("live.db"))
            """)
        #expect(run.status == 0, "\(run.errors)")
        return try varve.runAlone(
            [
                "verify", "latest", "--restore", "-r", varve.path("repository"), "--key-file",
                varve.path("key"),
            ] + more, ["TMPDIR": temporary])
    }

    @Test("restores it, counts its rows and leaves nothing")
    func whole() throws {
        let run = try verify(
            "CREATE TABLE t (a REFERENCES u (b)); CREATE TABLE u (b PRIMARY KEY); "
                + "INSERT INTO t VALUES (1), (2); INSERT INTO u VALUES (1)")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("integrity_check: no complaint"))
        #expect(run.output.contains("restored (tables: 2, rows: 3)"))
        #expect(run.output.contains("1 rows refer to rows that are not there"))
        #expect(run.output.contains("is proven: restored"))
        #expect(try varve.entries("temporary") == [])
    }

    @Test("asks it what is to be asked, and lets nothing write")
    func questions() throws {
        let statements = "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)"
        let right = try verify(
            statements, "--expect-table", "T=2", "--assert", "SELECT count(*) = 2 FROM t",
            "--database", "live.db")
        #expect(right.status == 0 && right.output.contains("is proven: queried"), "\(right)")
        for (words, sentence) in [
            (["--expect-table", "u"], "the table u is missing"),
            (["--expect-table", "main.t=3"], "has 2 rows, and should have 3 at least"),
            (["--assert", "SELECT a FROM t WHERE a = 3"], "not with one row of one value"),
            (["--assert", "SELECT a FROM t"], "not with one row of one value"),
            (["--assert", "SELECT 0"], "it answered 0"),
            (["--assert", "DELETE FROM t"], "cannot be asked"),
            (["--database", "other.db", "--assert", "SELECT 1"], "no database other.db"),
        ] {
            let run = try varve.runAlone(
                [
                    "verify", "latest", "--restore", "-r", varve.path("repository"), "--key-file",
                    varve.path("key"),
                ] + words, ["TMPDIR": temporary])
            #expect(run.status == 1 && run.errors.contains(sentence), "\(words): \(run)")
        }
        #expect(try varve.entries("temporary") == [])
    }

    @Test("fails when SQLite finds something wrong in it, and leaves nothing")
    func flawed() throws {
        let run = try verify(
            "CREATE TABLE t (a); CREATE INDEX i ON t (a); INSERT INTO t VALUES (1); "
                + "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE name = 'i'")
        #expect(run.status == 1)
        #expect(run.errors.contains("integrity_check: "), "\(run.errors)")
        #expect(run.errors.contains("its grade stays stored"))
        #expect(try varve.entries("temporary") == [])
    }
}
