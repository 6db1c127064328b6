import TestSupport
import Testing
import VarveArchive
import VarveSystem

@testable import VarveSources

@Suite("Of a dumped PostgreSQL database", .enabled(if: PostgresServer.isThere))
struct PostgresRestoreTests {
    @Test(
        "nothing replaces a database that is there, unless it is asked for and nobody is connected")
    func replacing() throws {
        let box = try DatabaseBox()
        let database = try box.database()
        try box.server.sql("CREATE TABLE t AS SELECT 1 AS a", in: database)
        try box.snapshot(database)
        try box.server.sql("UPDATE t SET a = 2", in: database)
        let value = { try box.server.sql("SELECT a FROM t", in: database) }
        #expect { try box.restore(database, to: database) } throws: {
            "\($0)".contains("is there already")
        }
        let other = try box.server.start(
            "psql", ["-X", "-c", "SELECT pg_sleep(600)"], in: database)
        defer { other.terminate() }
        try wait(for: "the other connection") {
            try box.server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'",
                in: database) == "1\n"
        }
        #expect { try box.restore(database, to: database) { $0.replaces = true } } throws: {
            "\($0)".contains("others are connected")
        }
        #expect(try value() == "2\n")
        try box.restore(database, to: database) {
            $0.replaces = true
            $0.forces = true
        }
        #expect(try value() == "1\n")
        #expect(try box.leftovers(of: database) == "")
    }

    @Test("what fails half way leaves the old database, and nothing beside it")
    func failure() throws {
        let box = try DatabaseBox()
        let database = try box.database()
        let role = try box.role()
        try box.server.sql(
            "CREATE TABLE t AS SELECT 1 AS a; ALTER TABLE t OWNER TO \(role)", in: database)
        try box.snapshot(database)
        try box.server.sql("ALTER TABLE t OWNER TO varve; UPDATE t SET a = 2", in: database)
        try box.server.sql("DROP ROLE \(role)")
        #expect { try box.restore(database, to: database) { $0.replaces = true } } throws: {
            // Which object it was is said, too.
            "\($0)".contains("TABLE t") && "\($0)".contains("role \"\(role)\" does not exist")
        }
        #expect(try box.server.sql("SELECT a FROM t", in: database) == "2\n")
        #expect(try box.leftovers(of: database) == "")
    }

    @Test("a disk that fills up leaves the old database, and nothing beside it")
    func diskFull() throws {
        let own = try OwnPostgresServer(["--file-limit", "3000"])
        let box = try DatabaseBox(own.server)
        let small = try OwnPostgresServer()
        let source = try DatabaseBox(small.server)
        let database = try source.database()
        try small.server.sql(
            "CREATE TABLE t AS SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 10000) i",
            in: database)
        try source.snapshot(database)
        let target = box.name()
        try box.server.sql("CREATE DATABASE \(target)")
        try box.server.sql("CREATE TABLE kept AS SELECT 7 AS a", in: target)
        var options = DatabaseRestoreOptions()
        options.replaces = true
        #expect {
            try restoreDatabase(
                at: source.place(database), of: source.newest, source.repository,
                to: own.server.url(target), options, progress: Progress())
        } throws: {
            "\($0)".contains("public.t") && "\($0)".contains("File too large")
        }
        #expect(try own.server.sql("SELECT a FROM kept", in: target) == "7\n")
        #expect(try box.leftovers(of: target) == "")
    }

    @Test("rows that are other than its manifest says are not taken")
    func counts() throws {
        let box = try DatabaseBox()
        let database = try box.database()
        try box.server.sql("CREATE TABLE t AS SELECT generate_series(1, 10) AS a", in: database)
        try box.snapshot(database)
        var dump = try PostgresDump(
            at: box.place(database), named: nil, of: box.newest, box.repository)
        #expect(dump.manifest.tables[0].rows == 10)
        dump.manifest.tables[0].rows = 11
        let target = box.name()
        let url = try PostgresURL(box.server.url(target))
        let restore = PostgresRestore(
            dump: dump, url: url, options: DatabaseRestoreOptions(), progress: Progress())
        #expect { try restore.run() } throws: {
            "\($0)".contains("has 10 rows, and had 11")
        }
        #expect(try box.leftovers(of: target) == "")
    }

    @Test("one table comes back into a database that is there, with all that is its own")
    func table() throws {
        let box = try DatabaseBox()
        let database = try box.everyKind()
        try box.snapshot(database)
        let before = try box.server.run("pg_dump", ["-t", "public.ident"], in: database)
        try box.server.sql("ALTER PUBLICATION pub DROP TABLE ident; DROP TABLE ident", in: database)
        try box.restore(database, to: database) { $0.tables = ["public.ident"] }
        let after = try box.server.run("pg_dump", ["-t", "public.ident"], in: database)
        let lines = { (text: String) in
            text.split(separator: "\n").filter { !$0.contains("restrict ") }
        }
        #expect(
            lines(before).filter { !$0.contains("PUBLICATION") && !$0.contains("pub ident") }
                == lines(after))
        let published = try box.server.sql(
            "SELECT tablename FROM pg_publication_tables ORDER BY 1", in: database)
        #expect(published == "ident\nusers\n")
        #expect {
            try box.restore(database, to: database) { $0.tables = ["public.ident"] }
        } throws: {
            "\($0)".contains("is there already")
        }
    }

    @Test("an old table is put beside the live one")
    func beside() throws {
        let box = try DatabaseBox()
        let database = try box.everyKind()
        try box.snapshot(database)
        try box.server.sql("UPDATE users SET name = 'changed' WHERE id = 5", in: database)
        let report = try box.restore(database, to: database) {
            $0.tables = ["public.users"]
            $0.newName = "Old \"users\""
        }
        #expect(report.rows == 2_000)
        #expect(!report.notes.isEmpty)
        let old = "\"Old \"\"users\"\"\""
        let differing = try box.server.sql(
            "SELECT count(*) FROM (TABLE users EXCEPT TABLE \(old)) x", in: database)
        #expect(differing == "1\n")
        let indexes = try box.server.sql(
            "SELECT count(*) FROM pg_index WHERE indrelid = 'public.\(old)'::regclass", in: database
        )
        #expect(indexes == "4\n")
    }

    @Test("a table that others depend on is not exchanged, and stays as it is")
    func dependents() throws {
        let box = try DatabaseBox()
        let database = try box.everyKind()
        try box.snapshot(database)
        try box.server.sql("DELETE FROM orders; DELETE FROM users WHERE id > 10", in: database)
        #expect {
            try box.restore(database, to: database) {
                $0.tables = ["users"]
                $0.replaces = true
            }
        } throws: { "\($0)".contains("other objects depend on it") }
        #expect(try box.server.sql("SELECT count(*) FROM users", in: database) == "10\n")
        try box.restore(database, to: database) {
            $0.tables = ["derived", "fast"]
            $0.replaces = true
        }
    }

    @Test("the schema alone comes back, or rows alone into empty tables, or one schema")
    func parts() throws {
        let box = try DatabaseBox()
        let database = try box.everyKind()
        try box.snapshot(database)
        let target = box.name()
        try box.restore(database, to: target) { $0.parts = .schema }
        let schema = { (name: String) in
            try box.server.run("pg_dump", ["--schema-only"], in: name).split(separator: "\n")
                .filter { !$0.contains("restrict ") }
        }
        #expect(try schema(target) == schema(database))
        #expect(try box.server.sql("SELECT count(*) FROM users", in: target) == "0\n")
        try box.restore(database, to: target) {
            $0.parts = .data
            $0.tables = ["ident", "fast"]
        }
        #expect(try box.server.sql("SELECT count(*) FROM ident", in: target) == "100\n")
        #expect {
            try box.restore(database, to: target) {
                $0.parts = .data
                $0.tables = ["ident"]
            }
        } throws: { "\($0)".contains("only an empty table") }
        let part = box.name()
        try box.restore(database, to: part) { $0.schema = "odd.schema" }
        let tables = try box.server.sql(
            "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'odd.schema')", in: part)
        #expect(tables == "1\n")
    }

    @Test("needs no role of the old server when it keeps neither owners nor rights")
    func roles() throws {
        let box = try DatabaseBox()
        let (owner, other) = (try box.role(), try box.role())
        let database = try box.database()
        try box.server.sql(
            """
            CREATE SCHEMA app AUTHORIZATION \(owner);
            CREATE TABLE app.t (id serial PRIMARY KEY, v text); INSERT INTO app.t (v) VALUES ('a');
            CREATE FUNCTION app.f() RETURNS text LANGUAGE sql AS $$ SELECT '
            ALTER TABLE app.t OWNER TO \(owner);
            ' $$;
            CREATE VIEW app.v AS SELECT v FROM app.t;
            GRANT SELECT (v) ON app.t TO \(other); GRANT EXECUTE ON FUNCTION app.f() TO \(other);
            ALTER TABLE app.t OWNER TO \(owner); ALTER VIEW app.v OWNER TO \(owner);
            ALTER FUNCTION app.f() OWNER TO \(owner);
            ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) GRANT SELECT ON TABLES TO \(other);
            SELECT lo_from_bytea(7, 'bytes'); ALTER LARGE OBJECT 7 OWNER TO \(owner);
            GRANT SELECT ON LARGE OBJECT 7 TO \(other);
            ALTER DATABASE \(database) OWNER TO \(owner);
            GRANT CONNECT ON DATABASE \(database) TO \(other);
            ALTER ROLE \(other) IN DATABASE \(database) SET work_mem = '5MB'
            """, in: database)
        try box.snapshot(database)
        let expected = try box.server.run(
            "pg_dump", ["--no-owner", "--no-privileges"], in: database)
        try box.server.sql("DROP DATABASE \(database)")
        try box.server.sql("DROP ROLE \(owner); DROP ROLE \(other)")
        let refused = #expect(throws: SourceError.self) {
            try box.restore(database, to: box.name())
        }
        #expect(refused?.description.contains("--no-owner") == true)
        let target = box.name()
        try box.restore(database, to: target) {
            ($0.ownership.keepsOwners, $0.ownership.keepsPrivileges) = (false, false)
        }
        let found = try box.server.run("pg_dump", ["--no-owner", "--no-privileges"], in: target)
        let lines = { (text: String) in
            text.split(separator: "\n").filter { !$0.contains("restrict ") }
        }
        #expect(lines(found) == lines(expected))
        #expect(
            try box.server.sql(
                "SELECT DISTINCT pg_get_userbyid(relowner), relacl FROM pg_class "
                    + "WHERE relnamespace = 'app'::regnamespace", in: target) == "varve|\n")
        #expect(try box.server.sql("SELECT lo_get(7)", in: target) == "\\x6279746573\n")
    }
}
