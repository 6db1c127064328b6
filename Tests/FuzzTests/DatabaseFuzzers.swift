import TestSupport

@testable import VarveSources

extension Fuzzer {
    /// What lies in a snapshot of a database, and in a database.
    static let databases = [
        Fuzzer(
            "script of pg_dump's", errors: [], sample: { $0.dumpScript() }, bytesPerItem: 1,
            decode: { bytes in
                let script = DumpScript(bytes)
                _ = script.entries.map(BuiltObject.init)
                return script.entries
            }),
        Fuzzer(
            "manifest of a dump", errors: [SourceError.self], sample: { try $0.dumpManifest() },
            bytesPerItem: 1, decode: { try PostgresManifest(json: $0).tables }),
        Fuzzer(
            "JSON text", errors: [JSONText.Failure.self], sample: { $0.json() }, bytesPerItem: 1,
            decode: { bytes in
                let text = try JSONText(bytes)
                return text.members(of: text.root).map(\.name)
            }),
        Fuzzer(
            "header of SQLite", errors: [], sample: { $0.sqliteHeader() },
            bytesPerItem: SQLiteHeader.bytes,
            decode: { bytes in bytes.withUnsafeBytes { SQLiteHeader($0) }.map { [$0] } }),
    ]
}

extension SeededNumbers {
    fileprivate mutating func dumpScript() -> [UInt8] {
        let parts = [
            "SET a = 1;\n", "--\n-- Name: t; Type: TABLE; Schema: public; Owner: me\n--\n\n",
            "CREATE TABLE t (a text DEFAULT E'\\'');\n", "SET default_tablespace = x;\n",
            "--\n-- Name: i; Type: INDEX; Schema: -; Owner: me; Tablespace: x\n--\n\n",
            "CREATE UNIQUE INDEX i ON ONLY s.\"a b\" USING btree (c);\n", "\\restrict abc\n",
            "AS $a$ begin '$$ end $a$;\n", "/* /* */ */ \"x\"\"y\" 'it''s'\n",
            "ALTER TABLE ONLY s.t\n    ADD CONSTRAINT k PRIMARY KEY (c);\n",
        ]
        return Array(list(0...12) { $0.element(parts) }.joined().utf8)
    }

    fileprivate mutating func dumpManifest() throws -> [UInt8] {
        let database = PostgresManifest.Database(
            name: "a", owner: "b", encoding: "UTF8", collate: "C", ctype: "C", tablespace: "x",
            connectionLimit: -1, settings: [.init(role: nil, name: "c", value: "d")],
            rights: [.init(grantee: nil, privilege: "CONNECT", grantable: false)])
        let tables = list(0...4) { numbers in
            PostgresManifest.Table(
                schema: "public", name: "t\(numbers.below(9))", file: "public.t",
                columns: ["a", "b"], rows: numbers.count(), bytes: numbers.count())
        }
        return try PostgresManifest(
            database: database, serverVersion: 150_018, server: "PostgreSQL", dumpProgram: "15.18",
            snapshotTime: "2026-01-01T00:00:00Z", globals: flag(), tables: tables,
            sequences: [.init(schema: "public", name: "s", value: count(), called: flag())],
            largeObjects: flag()
        ).encoded()
    }

    fileprivate mutating func json() -> [UInt8] {
        let values = [
            "null", "-0.5e+3", "\"a\\u00e9\\n\"", "[1, [2, {}]]", "{\"a\": {\"b\": [true]}}",
            "\"\\ud83d\"",
        ]
        let members = list(0...6) { numbers in
            "\"k\(numbers.below(4))\" : \(numbers.element(values))"
        }
        return Array("{ \(members.joined(separator: ",\n")) }".utf8)
    }

    fileprivate mutating func sqliteHeader() -> [UInt8] {
        var bytes = Array("SQLite format 3\0".utf8)
        bytes += (16..<Int(SQLiteHeader.bytes)).map { _ in UInt8(truncatingIfNeeded: below(256)) }
        let size = [512, 4096, 32_768, 1][Int(below(4))]
        (bytes[16], bytes[17], bytes[20]) = (UInt8(size >> 8), UInt8(size & 0xff), 0)
        return bytes
    }
}
