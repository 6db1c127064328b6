import TestSupport
import Testing

@testable import VarveSources

@Suite("Of a part of a dumped PostgreSQL database", .enabled(if: PostgresServer.isThere))
struct PostgresRestorePartsTests {
    @Test("a schema that the dump has not, or a part of a database, exchanges nothing")
    func partsReplaceNothing() throws {
        let (box, database) = try dumped("CREATE SCHEMA a; CREATE TABLE a.t AS SELECT 1 AS x")
        #expect { try box.restore(database, to: box.name()) { $0.schema = "typo" } } throws: {
            "\($0)".contains("no schema typo") && "\($0)".contains("it has a")
        }
        let changes: [(inout DatabaseRestoreOptions) -> Void] = [
            { $0.schema = "a" }, { $0.schema = "typo" }, { $0.parts = .schema },
        ]
        for change in changes {
            #expect {
                try box.restore(database, to: database) {
                    change(&$0)
                    $0.replaces = true
                    $0.forces = true
                }
            } throws: { "\($0)".contains("new database") || "\($0)".contains("no schema") }
        }
        #expect(try box.server.sql("SELECT x FROM a.t", in: database) == "1\n")
    }

    @Test("a name for every database is none to restore to")
    func everyDatabase() throws {
        let (box, database) = try dumped("CREATE TABLE t AS SELECT 1 AS x")
        defer { _ = try? box.server.sql("DROP DATABASE IF EXISTS \"*\"") }
        #expect { try box.restore(database, to: "*") } throws: {
            "\($0)".contains("one database")
        }
    }

    @Test("a table takes nothing of another whose name begins like its own")
    func names() throws {
        let (box, database) = try dumped(
            """
            CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
            CREATE TABLE a (x integer PRIMARY KEY);
            CREATE TABLE "a b" (x integer PRIMARY KEY, "c d" integer);
            CREATE TRIGGER own BEFORE INSERT ON "a b" FOR EACH ROW EXECUTE FUNCTION f();
            CREATE RULE r AS ON DELETE TO "a b" DO INSTEAD NOTHING;
            CREATE POLICY "p q" ON "a b" USING (true);
            COMMENT ON COLUMN "a b"."c d" IS 'a column';
            COMMENT ON TRIGGER own ON "a b" IS 'a trigger';
            COMMENT ON INDEX "a b_pkey" IS 'an index';
            GRANT SELECT ("c d") ON "a b" TO PUBLIC
            """)
        let text = { (table: String) in
            try box.server.run("pg_dump", ["-t", table], in: database).split(separator: "\n")
                .filter { !$0.contains("restrict ") }
        }
        for table in ["a", "a b"] {
            let before = try text("\"\(table)\"")
            try box.restore(database, to: database) {
                $0.tables = ["public." + table]
                $0.replaces = true
            }
            #expect(try text("\"\(table)\"") == before)
        }
    }

    @Test("a copy beside a table that inherits does not inherit, and has all columns")
    func inheriting() throws {
        let (box, database) = try dumped(
            """
            CREATE TABLE parent (a integer, b text); CREATE TABLE chi (c integer) INHERITS (parent);
            INSERT INTO chi VALUES (1, 'one', 2)
            """)
        try box.restore(database, to: database) {
            $0.tables = ["chi"]
            $0.newName = "chi_old"
        }
        #expect(try box.server.sql("TABLE parent", in: database) == "1|one\n")
        #expect(try box.server.sql("TABLE chi_old", in: database) == "1|one|2\n")
    }

    @Test("a table comes back into its publications; those that are gone are told")
    func publications() throws {
        let (box, database) = try dumped(
            """
            SET client_min_messages = error; CREATE TABLE users (id integer PRIMARY KEY);
            CREATE PUBLICATION here FOR TABLE users; CREATE PUBLICATION gone FOR TABLE users
            """)
        try box.server.sql("DROP PUBLICATION gone", in: database)
        let report = try box.restore(database, to: database) {
            $0.tables = ["users"]
            $0.replaces = true
        }
        let names = try box.server.sql(
            "SELECT pubname, tablename FROM pg_publication_tables", in: database)
        #expect(names == "here|users\n")
        #expect(report.notes.count { $0.contains("publication \"gone\"") } == 1)
    }

    @Test(
        "a partition of a live table is not exchanged, and the partitioned table names its partitions"
    )
    func partitions() throws {
        let (box, database) = try dumped(
            """
            CREATE TABLE other (x integer); INSERT INTO other VALUES (1);
            CREATE TABLE log (x integer) PARTITION BY RANGE (x);
            CREATE TABLE low PARTITION OF log FOR VALUES FROM (0) TO (10);
            CREATE TABLE high PARTITION OF log FOR VALUES FROM (10) TO (99) PARTITION BY LIST (x);
            CREATE TABLE higher PARTITION OF high DEFAULT; INSERT INTO log VALUES (1), (11)
            """)
        try box.server.sql("UPDATE other SET x = 2; UPDATE low SET x = 2", in: database)
        #expect {
            try box.restore(database, to: database) {
                $0.tables = ["other", "low"]
                $0.replaces = true
            }
        } throws: { "\($0)".contains("partition") && "\($0)".contains("--as") }
        #expect(try box.server.sql("TABLE other; TABLE log", in: database) == "2\n2\n11\n")
        #expect { try box.restore(database, to: database) { $0.tables = ["public.log"] } } throws: {
            "\($0)".contains("public.low, public.higher")
        }
    }

    @Test("the old name is no new one, and a line break in a name is told")
    func oddNames() throws {
        let (box, database) = try dumped("CREATE TABLE users (x integer); CREATE TABLE \"a\nb\" ()")
        #expect {
            try box.restore(database, to: database) {
                $0.tables = ["users"]
                $0.newName = "users"
                $0.replaces = true
            }
        } throws: { "\($0)".contains("the old one") }
        #expect {
            try box.restore(database, to: database) {
                $0.tables = ["a\nb"]
                $0.replaces = true
            }
        } throws: { "\($0)".contains("line break") }
    }

    @Test("rows alone come with their sequences, in the order that foreign keys want")
    func rows() throws {
        let (box, database) = try dumped(
            """
            CREATE SEQUENCE lonely; SELECT nextval('lonely'), nextval('lonely');
            CREATE TABLE a_last (id serial, t integer, up integer); ALTER TABLE a_last ADD UNIQUE (id);
            CREATE TABLE first (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
            INSERT INTO first SELECT FROM generate_series(1, 5);
            INSERT INTO a_last (t, up) SELECT i, i FROM generate_series(1, 5) i;
            ALTER TABLE a_last ADD FOREIGN KEY (t) REFERENCES first,
                ADD FOREIGN KEY (up) REFERENCES a_last (id);
            SELECT lo_create(77)
            """)
        let target = box.name()
        try box.restore(database, to: target) { $0.parts = .schema }
        let report = try box.restore(database, to: target) { $0.parts = .data }
        #expect(report.tables == 2 && report.rows == 10)
        #expect(report.notes.contains { $0.contains("large objects") })
        let next = try box.server.sql(
            """
            SELECT nextval('lonely'); INSERT INTO first DEFAULT VALUES RETURNING id;
            INSERT INTO a_last (t) VALUES (1) RETURNING id
            """, in: target)
        #expect(next == "3\n6\n6\n")
    }

    @Test("rows alone set the sequences of their table, and no other")
    func rowsOfOne() throws {
        let (box, database) = try dumped(
            """
            CREATE TABLE log (id serial, x integer) PARTITION BY RANGE (x); CREATE SEQUENCE lonely;
            CREATE TABLE low PARTITION OF log FOR VALUES FROM (0) TO (10);
            CREATE TABLE t (id serial, x integer); SELECT nextval('lonely');
            INSERT INTO t (x) VALUES (1), (2); INSERT INTO low (x) VALUES (1)
            """)
        let target = box.name()
        try box.restore(database, to: target) { $0.parts = .schema }
        let report = try box.restore(database, to: target) {
            $0.parts = .data
            $0.tables = ["t", "low"]
        }
        #expect(report.notes == [])
        let next = try box.server.sql(
            "SELECT nextval('lonely'); INSERT INTO t (x) VALUES (1) RETURNING id", in: target)
        #expect(next == "1\n3\n")
    }

    @Test("rows alone of tables that refer to each other come back when their keys may wait")
    func circle() throws {
        let (box, database) = try dumped(
            """
            CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TABLE a (id integer PRIMARY KEY, b integer); INSERT INTO a VALUES (1, 1);
            CREATE TABLE b (id integer PRIMARY KEY, a integer); INSERT INTO b VALUES (1, 1);
            ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE;
            ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a DEFERRABLE;
            CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()
            """)
        let target = box.name()
        try box.restore(database, to: target) { $0.parts = .schema }
        try box.restore(database, to: target) { $0.parts = .data }
        #expect(try box.server.sql("TABLE a; TABLE b", in: target) == "1|1\n1|1\n")
    }

    @Test("rows alone find their partition, also by the hash of an enum")
    func hashedEnums() throws {
        let (box, database) = try dumped(
            """
            CREATE TYPE c AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
            CREATE TABLE p (e c, n int) PARTITION BY HASH (e);
            CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE p1 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            INSERT INTO p SELECT (enum_range(NULL::c))[1 + i % 8], i FROM generate_series(1, 80) i
            """)
        let target = box.name()
        try box.restore(database, to: target) { $0.parts = .schema }
        try box.restore(database, to: target) { $0.parts = .data }
        let rows = "SELECT e, n FROM p ORDER BY n"
        #expect(try box.server.sql(rows, in: target) == box.server.sql(rows, in: database))
    }

    @Test("rows that refer to rows of another table, which are not there, say what to do")
    func missingRows() throws {
        let (box, database) = try dumped(
            """
            CREATE TABLE a (id integer PRIMARY KEY, b integer); CREATE TABLE b (id integer PRIMARY KEY);
            INSERT INTO b VALUES (1); INSERT INTO a VALUES (1, 1);
            ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b
            """)
        let target = box.name()
        try box.restore(database, to: target) { $0.parts = .schema }
        #expect {
            try box.restore(database, to: target) {
                $0.parts = .data
                $0.tables = ["a"]
            }
        } throws: {
            "\($0)".contains("foreign key")
                && "\($0)".contains("name that table with --table as well")
        }
    }

    @Test(
        "rows alone are those of the dump, whatever triggers would do, and these stay as they were")
    func triggers() throws {
        let (box, database) = try dumped(
            """
            CREATE TABLE p (x integer); CREATE TABLE c () INHERITS (p); INSERT INTO p VALUES (1);
            CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN NEW.x := NEW.x + 10; RETURN NEW; END';
            CREATE TRIGGER o BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();
            CREATE TRIGGER d BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();
            CREATE TRIGGER r BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();
            CREATE TRIGGER a BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();
            ALTER TABLE p DISABLE TRIGGER d, ENABLE REPLICA TRIGGER r, ENABLE ALWAYS TRIGGER a;
            CREATE TABLE q (x integer) PARTITION BY RANGE (x);
            CREATE TABLE q1 PARTITION OF q FOR VALUES FROM (0) TO (10); INSERT INTO q1 VALUES (1);
            CREATE TRIGGER q BEFORE INSERT ON q FOR EACH ROW EXECUTE FUNCTION f()
            """)
        let target = box.name()
        try box.restore(database, to: target) { $0.parts = .schema }
        // Rows of a table that inherits are not its own.
        try box.server.sql("INSERT INTO c VALUES (5)", in: target)
        let report = try box.restore(database, to: target) {
            $0.parts = .data
            $0.tables = ["p", "q1", "public.q1"]
        }
        #expect(report.notes.contains { $0.contains("did not fire") } && report.tables == 2)
        #expect(try box.server.sql("SELECT * FROM ONLY p; TABLE q", in: target) == "1\n1\n")
        let modes = try box.server.sql(
            "SELECT string_agg(tgname::text || tgenabled::text, '' ORDER BY tgname) FROM pg_trigger",
            in: target
        )
        #expect(modes == "aAdDoOqOqOrR\n")
    }

    @Test("one schema comes back with extensions that lie elsewhere, and without publications")
    func schema() throws {
        let (box, database) = try dumped(
            """
            SET client_min_messages = error; CREATE SCHEMA "e x"; CREATE EXTENSION hstore SCHEMA "e x";
            CREATE SCHEMA "a b"; CREATE TABLE "a b".t (h "e x".hstore); INSERT INTO "a b".t VALUES ('k=>1');
            CREATE PUBLICATION pub FOR TABLE "a b".t; COMMENT ON SCHEMA "a b" IS 'mine';
            CREATE TABLE public.other ()
            """)
        let target = box.name()
        let report = try box.restore(database, to: target) { $0.schema = "a b" }
        #expect(try box.server.sql("TABLE \"a b\".t", in: target) == "\"k\"=>\"1\"\n")
        #expect(report.notes.contains { $0.contains("publications") })
        let comment = try box.server.sql(
            "SELECT obj_description('\"a b\"'::regnamespace)", in: target)
        #expect(comment == "mine\n")
    }

    /// A database of such statements, in a snapshot.
    private func dumped(_ statements: String) throws -> (DatabaseBox, String) {
        let box = try DatabaseBox()
        let database = try box.database()
        try box.server.sql(statements, in: database)
        try box.snapshot(database)
        return (box, database)
    }
}
