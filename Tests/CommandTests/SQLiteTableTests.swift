import TestSupport
import Testing
import VarveSystem

@Suite("One table of an SQLite database")
struct SQLiteTableTests {
    let varve: Program
    var database: String { varve.path("live.db") }

    init() throws {
        varve = try Program()
        try varve.run("init")
        try sql(
            """
            PRAGMA journal_mode=wal;
            CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, size INT, twice AS (size * 2));
            CREATE UNIQUE INDEX [by name] ON users (name); CREATE INDEX by_size ON users (size) WHERE size > 1;
            CREATE TABLE log (what TEXT); CREATE TABLE plain (x, y);
            CREATE TRIGGER noted AFTER INSERT ON users BEGIN INSERT INTO log VALUES (new.name); END;
            CREATE TABLE keyed (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID;
            INSERT INTO users (name, size) VALUES ('ada', 1), ('bob', 2), ('cy', NULL);
            DELETE FROM users WHERE name='cy';
            INSERT INTO plain (rowid, x, y) VALUES (7, 1.5, x'00ff'), (9, NULL, 'text');
            INSERT INTO keyed VALUES ('a', zeroblob(5000));
            """)
        #expect(try varve.run("backup", "sqlite:" + database).status == 0)
    }

    @discardableResult
    private func sql(_ statements: String) throws -> String {
        let process = try ChildProcess("sqlite3", [database, statements])
        let output = String(decoding: try process.output.contents(limit: 1 << 16), as: UTF8.self)
        #expect(try process.wait().isSuccess, "\(statements)")
        return output.split(separator: "\n").joined(separator: "\n")
    }

    private func restore(_ words: String...) throws -> Program.Run {
        try varve.runAlone(
            ["restore", "latest", "--to", "sqlite:" + database] + words
                + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
    }

    private let everything =
        "SELECT * FROM users; SELECT rowid, quote(x), quote(y) FROM plain; "
        + "SELECT k, length(v) FROM keyed; SELECT seq FROM sqlite_sequence WHERE name='users'; "
        + "SELECT name, sql FROM sqlite_schema WHERE tbl_name IN ('users', 'plain', 'keyed') ORDER BY name"

    @Test("comes back as it was, with rows, row numbers, indexes, triggers and counters")
    func replacing() throws {
        let before = try sql(everything)
        try sql(
            "UPDATE users SET name=name || '!'; DROP INDEX by_size; DELETE FROM plain; DROP TABLE keyed"
        )
        let run = try restore(
            "--table", "users", "--table", "plain", "--table", "keyed", "--replace")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("3 tables, 5 rows"), "\(run.output)")
        #expect(try sql(everything) == before)
        #expect(try sql("SELECT count(*) FROM log") == "3")
        #expect(try sql("PRAGMA integrity_check") == "ok")
        let left = try File.openDirectory(varve.path("")).entries().filter {
            $0.name.first == UInt8(ascii: ".")
        }
        #expect(left.isEmpty)
    }

    @Test("comes back beside the live one under a new name")
    func beside() throws {
        try sql("UPDATE users SET name=name || '!'")
        let run = try restore("--table", "users", "--as", "users old")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try sql("SELECT group_concat(name) FROM users") == "ada!,bob!")
        #expect(try sql("SELECT group_concat(name) FROM \"users old\"") == "ada,bob")
        #expect(
            try sql("SELECT name FROM sqlite_schema WHERE tbl_name='users old' ORDER BY name")
                == "users old\nusers old_by name\nusers old_by_size\nusers old_noted")
        #expect(try sql("PRAGMA integrity_check") == "ok")
    }

    @Test("is refused, and nothing is changed, when it is there, or unknown")
    func refusals() throws {
        try sql("UPDATE users SET name=name || '!'")
        let before = try sql(everything)
        let taken = try restore("--table", "plain", "--table", "users")
        #expect(taken.status == 1 && taken.errors.contains("--replace"), "\(taken.errors)")
        let unknown = try restore("--table", "users", "--table", "nothing", "--replace")
        #expect(
            unknown.status == 1 && unknown.errors.contains("no table 'nothing'"),
            "\(unknown.errors)")
        let system = try restore("--table", "sqlite_sequence", "--replace")
        #expect(system.status == 1)
        #expect(try restore().errors.contains("--table"))
        #expect(try sql(everything) == before)
    }
}
