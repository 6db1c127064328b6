import Testing

@testable import VarveSources

@Suite("Roles that a dump names")
struct DumpedRolesTests {
    private let database = PostgresManifest.Database(
        name: "d", owner: "Owner", encoding: "UTF8", collate: "C", ctype: "C", tablespace: "",
        connectionLimit: -1, settings: [.init(role: "setter", name: "work_mem", value: "8MB")],
        rights: [.init(grantee: nil, privilege: "CONNECT", grantable: false)])

    private func roles(_ type: String, _ statements: String) -> Set<String> {
        let script =
            "SET a = 1;\n\n--\n-- Name: x; Type: \(type); Schema: public; Owner: -\n--\n\n\(statements)\n"
        return DumpedRoles(database, [DumpScript(Array(script.utf8))]).roles
            .subtracting(["\"Owner\"", "\"setter\""])
    }

    @Test("are owners, those with rights, and those of policies, mappings and default rights")
    func kinds() {
        #expect(
            roles("TABLE", "CREATE TABLE x ();\nALTER TABLE x OWNER TO \"a b\";") == ["\"a b\""])
        #expect(
            roles(
                "ACL",
                "REVOKE ALL ON TABLE x FROM r;\nGRANT SELECT ON TABLE x TO s WITH GRANT OPTION;\n"
                    + "GRANT ALL ON TABLE x TO PUBLIC;\nSET SESSION AUTHORIZATION u;")
                == ["\"r\"", "\"s\"", "\"u\""])
        #expect(
            roles("POLICY", "CREATE POLICY p ON x TO v, w USING (true);") == ["\"v\"", "\"w\""])
        #expect(
            roles(
                "DEFAULT ACL",
                "ALTER DEFAULT PRIVILEGES FOR ROLE k IN SCHEMA s GRANT SELECT ON TABLES TO l;")
                == ["\"k\"", "\"l\""])
        #expect(
            roles("USER MAPPING", "CREATE USER MAPPING FOR m SERVER s OPTIONS (\"user\" 'TO z');")
                == ["\"m\""])
        #expect(
            roles("TABLE", "CREATE TABLE x ();\nCOMMENT ON TABLE x IS '\nALTER x OWNER TO no;\n';")
                == [])
        #expect(roles("ACL", "GRANT SELECT ON TABLE x TO pg_monitor;") == [])
    }
}
