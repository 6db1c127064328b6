import Testing

@testable import VarveSources

@Suite("A script of pg_dump's")
struct DumpScriptTests {
    @Test("is taken apart at its comments, but not within quotes")
    func entries() {
        let script = DumpScript(Array(Self.sample.utf8))
        #expect(script.entries.map(\.name) == ["f()", "t", "TABLE t", "t t_pkey"])
        #expect(script.entries.map(\.type) == ["FUNCTION", "TABLE", "COMMENT", "CONSTRAINT"])
        #expect(script.entries.map(\.schema) == [nil, "public", "public", "o; Type: dd"])
        #expect(script.preamble.contains("SET a = 1;"))
        #expect(!script.whole.contains("restrict varve"))
        #expect(script.entries[1].settings == "SET default_table_access_method = heap;\n")
        #expect(script.entries[3].settings.contains("SET default_tablespace = x;\n"))
        let rest = Self.sample.split(separator: "\n").filter {
            !$0.hasSuffix("restrict varve") && !Self.settings.contains(String($0))
        }
        let whole = script.preamble + script.entries.map(\.text).joined()
        #expect(whole.split(separator: "\n") == rest)
    }

    @Test(
        "ends outside quotes exactly when they are all closed",
        arguments: [
            ("SELECT 1;", true), ("'", false), ("''", true), ("E'\\'", false), ("E'\\''", true),
            ("'\\'", true), ("\"'\"", true), ("$$'$$", true), ("$a$ $$ $a$", true),
            ("$a$ $b$", false),
            ("a$b$c", true), ("-- '", true), ("/* /* */", false), ("/* /* */ */", true),
            ("E'''\\''", true),
            ("'''\\'", true), ("$1$", true), ("xE'\\'", true),
        ])
    func quotes(text: String, isPlain: Bool) {
        #expect(SQLLines.endsPlain(Array(text.utf8)) == isPlain, "\(text)")
    }

    @Test(
        "says which table an entry belongs to, whatever its name looks like",
        arguments: [
            ("TABLE", "CREATE UNLOGGED TABLE s.\"a b\" ("),
            ("TABLE ATTACH", "ALTER TABLE ONLY s.p ATTACH PARTITION s.\"a b\" DEFAULT;"),
            ("DEFAULT", "ALTER TABLE ONLY s.\"a b\" ALTER COLUMN c SET DEFAULT 1;"),
            (
                "TRIGGER",
                "CREATE TRIGGER \" ON \" BEFORE UPDATE OF \"ON\" ON s.\"a b\" FOR EACH ROW"
            ),
            ("RULE", "CREATE RULE r AS\n    ON DELETE TO s.\"a b\" DO INSTEAD NOTHING;"),
            ("POLICY", "CREATE POLICY \"p q\" ON s.\"a b\" USING (true);"),
            ("ROW SECURITY", "ALTER TABLE s.\"a b\" ENABLE ROW LEVEL SECURITY;"),
            ("COMMENT", "COMMENT ON COLUMN s.\"a b\".c IS 'x';"),
            ("COMMENT", "COMMENT ON CONSTRAINT \"ON\" ON s.\"a b\" IS 'x';"),
            ("ACL", "GRANT SELECT(c),UPDATE(\"ON\") ON TABLE s.\"a b\" TO PUBLIC;"),
            ("SECURITY LABEL", "SECURITY LABEL FOR p ON TABLE s.\"a b\" IS 'x';"),
            ("PUBLICATION TABLE", "ALTER PUBLICATION p ADD TABLE ONLY s.\"a b\" (c);"),
            ("STATISTICS", "CREATE STATISTICS s.t ON c, d FROM s.\"a b\";"),
        ])
    func tables(type: String, text: String) {
        let entry = DumpScript.Entry(
            name: "a b c", type: type, schema: "s", text: "--\n-- Name: x\n--\n\n" + text + "\n",
            settings: "")
        #expect(entry.table == "\"s\".\"a b\"")
    }

    @Test(
        "says of what is about no table that it is not",
        arguments: [
            ("COMMENT", "COMMENT ON SCHEMA s IS 'x';"), ("COMMENT", "COMMENT ON INDEX s.i IS 'x';"),
            ("COMMENT", "COMMENT ON CONSTRAINT c ON DOMAIN s.d IS 'x';"), ("TABLE", ""),
            ("ACL", "GRANT ALL ON SEQUENCE s.q TO PUBLIC;"), ("VIEW", "CREATE VIEW s.v AS"),
        ])
    func noTables(type: String, text: String) {
        let entry = DumpScript.Entry(name: "s", type: type, schema: "s", text: text, settings: "")
        #expect(entry.table == nil)
    }

    @Test("says of an index and a key which table they are of")
    func built() {
        func built(_ type: String, _ text: String) -> BuiltObject? {
            BuiltObject(
                DumpScript.Entry(name: "x", type: type, schema: "s", text: text, settings: ""))
        }
        let index = built(
            "INDEX",
            "--\n-- Name\n--\n\nCREATE UNIQUE INDEX \"ON x\" ON ONLY s.\"a b\" USING btree (c);\n")
        #expect(index?.table == "\"s\".\"a b\"")
        #expect(index?.rest == " USING btree (c);")
        let key = built(
            "CONSTRAINT",
            "\nALTER TABLE ONLY s.t\n    ADD CONSTRAINT \"k \"\"k\" PRIMARY KEY (c);\n")
        #expect(key?.table == "\"s\".\"t\"")
        #expect(key?.rest.contains("PRIMARY KEY (c);") == true)
        #expect(index?.isPlain == true && key?.isPlain == true)
        let foreign = built(
            "FK CONSTRAINT",
            "\nALTER TABLE ONLY s.t\n    ADD CONSTRAINT f FOREIGN KEY (c) REFERENCES s.\"o o\"(d);\n"
        )
        #expect(foreign?.table == "\"s\".\"t\"" && foreign?.isOnly == true)
        #expect(foreign?.referenced == "\"s\".\"o o\"")
        let wide = built(
            "FK CONSTRAINT", "ALTER TABLE s.t ADD CONSTRAINT f FOREIGN KEY (c) REFERENCES s.o(d);\n"
        )
        #expect(wide?.isOnly == false)
        for text in ["(lower(c))", "(c) WHERE (c > 0)", "(c) INCLUDE (d)"] {
            let other = built("INDEX", "CREATE INDEX i ON s.t USING btree \(text);\n")
            #expect(other?.isPlain == false, "\(text)")
        }
        #expect(built("INDEX", "nonsense") == nil)
    }

    private static let settings = [
        "SET default_table_access_method = heap;", "SET default_tablespace = x;",
    ]

    private static let sample = #"""
        -- head
        \restrict varve
        SET a = 1;

        --
        -- Name: f(); Type: FUNCTION; Schema: -; Owner: me
        --

        CREATE FUNCTION f() AS $_$
        --
        -- Name: fake; Type: TABLE; Schema: public; Owner: x
        --
        \restrict x
        $_$;


        SET default_table_access_method = heap;

        --
        -- Name: t; Type: TABLE; Schema: public; Owner: me; Tablespace: x
        --

        CREATE TABLE t ("--
        -- Name: fake; Type: TABLE; Schema: public; Owner: x
        " text DEFAULT E'\'
        -- Name: fake; Type: TABLE; Schema: public; Owner: x
        SET default_tablespace = no;
        ');


        --
        -- Name: TABLE t; Type: COMMENT; Schema: public; Owner: me
        --

        COMMENT ON TABLE t IS '
        -- Name: fake; Type: TABLE; Schema: public; Owner: x
        ''
        -- Name: fake; Type: TABLE; Schema: public; Owner: x
        ';


        SET default_tablespace = x;

        --
        -- Name: t t_pkey; Type: CONSTRAINT; Schema: o; Type: dd; Owner: me
        --

        ALTER TABLE t;
        \unrestrict varve

        """#
}

@Suite("What PostgreSQL needs around it")
struct PostgresSurroundingsTests {
    @Test("a pg_dump that is too old is refused with both versions")
    func oldPrograms() throws {
        #expect { try PostgresPrograms.find(for: PostgresVersion(990_002)) } throws: {
            "\($0)".contains("99.2") && "\($0)".contains("postgresql-client-99")
        }
    }

    @Test("versions are read from what programs say")
    func versions() {
        let say = { PostgresVersion(programVersion: $0)?.number }
        #expect(say("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n") == 150_018)
        #expect(say("pg_dump (PostgreSQL) 18beta1\n") == 180_000)
        #expect(say("nonsense") == nil)
    }

    @Test("names become file names that differ as the names do")
    func fileNames() {
        let names = [
            ("public", "t"), ("a.b", "c"), ("a", "b.c"), ("a", "b/c"), ("a", "%2E"), ("..", "."),
            ("é", " \n\0"),
        ]
        let files = names.map { ObjectFileName.table($0.0, $0.1) }
        #expect(files.first == "public.t")
        #expect(Set(files).count == names.count)
        #expect(files.allSatisfy { !$0.contains("/") && !$0.contains("\n") && $0.count > 2 })
    }
}
