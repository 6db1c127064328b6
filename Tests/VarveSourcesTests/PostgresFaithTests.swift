import TestSupport
import Testing
import VarveArchive
import VarveSystem

@testable import VarveSources

@Suite("What a PostgreSQL database holds comes back", .enabled(if: PostgresServer.isThere))
struct PostgresFaithTests {
    /// A database of its own kind.
    private func database(_ box: DatabaseBox, _ options: String) throws -> String {
        let name = box.name()
        try box.server.sql("CREATE DATABASE \(name) TEMPLATE template0 \(options)")
        return name
    }

    @Test(
        "large objects of any length, whatever came before them and whatever backslashes mean",
        arguments: ["on", "off"])
    func largeObjects(conforming: String) throws {
        let box = try DatabaseBox()
        let database = try box.database()
        let part = LargeObjectScript.partBytes
        let lengths = [
            0, 1, 100, 1_000_000, part - 1, part, part + 1, 2 * part, 5, 300_000, 65 * part + 7,
            64 * part + part, 999,
        ]
        try box.server.sql(
            "ALTER DATABASE \(database) SET standard_conforming_strings = \(conforming)")
        try box.server.sql(
            lengths.enumerated().map { number, length in
                "SELECT lo_from_bytea(\(100 + number), "
                    + "decode(repeat(md5('\(number)'), \(length / 16 + 1)), 'hex'));"
                    + "SELECT lo_truncate64(lo_open(\(100 + number), 131072), \(length));"
            }.joined(), in: database)
        let digests = "SELECT oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid"
        let before = try box.server.sql(digests, in: database)
        #expect(Set(before.split(separator: "\n")).count == lengths.count)
        try box.snapshot(database)
        let target = box.name()
        try box.restore(database, to: target)
        #expect(try box.server.sql(digests, in: target) == before)
        let other = try box.database()
        try box.restorePlain(database, into: other)
        #expect(try box.server.sql(digests, in: other) == before)
    }

    @Test(
        "names, definitions and rows in any encoding, also where clients are told another one",
        arguments: [
            ("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'", ""),
            ("ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", "LATIN1"),
            ("ENCODING 'LATIN9' LC_COLLATE 'C' LC_CTYPE 'C'", "UTF8"),
        ])
    func encodings(options: String, client: String) throws {
        let asUnicode = ["-c", "SET client_encoding = 'UTF8'"]
        let box = try DatabaseBox()
        let database = try database(box, options)
        if !client.isEmpty {
            try box.server.sql("ALTER DATABASE \(database) SET client_encoding = '\(client)'")
        }
        try box.server.sql(
            """
            CREATE TYPE e AS ENUM ('eé', 'ü');
            CREATE TABLE "tàble" (a text DEFAULT 'dé', e e, CHECK (a <> 'ñ'));
            COMMENT ON TABLE "tàble" IS 'façade';
            INSERT INTO "tàble" VALUES ('öß', 'eé'), (DEFAULT, 'ü');
            CREATE SEQUENCE "sé\\q" START 7;
            """, in: database, asUnicode)
        try box.snapshot(database)
        let target = box.name()
        try box.restore(database, to: target)
        let rows = "SELECT * FROM \"tàble\" ORDER BY 1"
        let before = try box.dumped(database, as: "x")
        #expect(before.contains("COMMENT ON TABLE"))
        #expect(try box.dumped(target, as: "x") == before)
        let right = try box.server.sql(rows, in: database, asUnicode)
        #expect(try box.server.sql(rows, in: target, asUnicode) == right)
        let other = try self.database(box, options)
        try box.restorePlain(database, into: other)
        #expect(try box.server.sql(rows, in: other, asUnicode) == right)
    }

    @Test("texts without an encoding are refused where they could only be guessed")
    func noEncoding() throws {
        let box = try DatabaseBox()
        let database = try database(box, "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
        try box.server.sql(
            "CREATE TABLE t (a text); INSERT INTO t VALUES (E'\\351')", in: database)
        try box.snapshot(database)
        let target = box.name()
        try box.restore(database, to: target)
        let rows = "SELECT encode(a::bytea, 'hex') FROM t"
        #expect(try box.server.sql(rows, in: target) == box.server.sql(rows, in: database))
        try box.server.sql("ALTER TABLE t ALTER a SET DEFAULT E'\\351'", in: database)
        try box.snapshot(database)
        let refused = #expect(throws: SourceError.self) {
            try box.restore(database, to: box.name())
        }
        #expect(refused?.description.contains("SQL_ASCII") == true)
    }

    @Test("partitions by the hash of an enum, whose numbers are others there")
    func hashedEnums() throws {
        let box = try DatabaseBox()
        let database = try box.database()
        try box.server.sql(
            """
            CREATE TYPE c AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
            CREATE TABLE p (e c, n int) PARTITION BY HASH (e);
            CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE p1 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1)
                PARTITION BY LIST (n);
            CREATE TABLE p1x PARTITION OF p1 DEFAULT;
            CREATE INDEX ON p (n);
            INSERT INTO p SELECT (enum_range(NULL::c))[1 + i % 8], i FROM generate_series(1, 800) i;
            """, in: database)
        try box.snapshot(database)
        let target = box.name()
        #expect(try box.restore(database, to: target).rows == 800)
        let rows = "SELECT count(*), sum(n), count(DISTINCT e) FROM p"
        #expect(try box.server.sql(rows, in: target) == box.server.sql(rows, in: database))
        let other = try box.database()
        try box.restorePlain(database, into: other)
        #expect(try box.server.sql(rows, in: other) == box.server.sql(rows, in: database))
        let proof = try SnapshotProving(box.newest, box.repository, ProofQuestions())
            .run(progress: Progress())
        #expect(proof.failures == [])
    }

    @Test("tables whose names are longer than a file's may be")
    func longNames() throws {
        let box = try DatabaseBox()
        let database = try box.database()
        let names = ["x", "y"].map { String(repeating: "/", count: 62) + $0 }
        for name in names {
            try box.server.sql(
                "CREATE SCHEMA IF NOT EXISTS \"\(names[0])\"; "
                    + "CREATE TABLE \"\(names[0])\".\"\(name)\" AS SELECT '\(name.last ?? " ")' AS v",
                in: database)
        }
        #expect(ObjectFileName.table(names[0], names[1]).utf8.count <= 255)
        try box.snapshot(database)
        let target = box.name()
        try box.restore(database, to: target)
        #expect(try box.dumped(target, as: "x") == box.dumped(database, as: "x"))
    }
}
