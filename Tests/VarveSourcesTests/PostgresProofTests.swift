import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveSystem

@testable import VarveSources

@Suite("A proof of a dumped PostgreSQL database", .enabled(if: PostgresServer.isThere))
struct PostgresProofTests {
    private func prove(
        _ box: DatabaseBox, _ change: (inout ProofQuestions) -> Void = { _ in }
    ) throws -> ProofReport {
        var questions = ProofQuestions()
        change(&questions)
        return try SnapshotProving(box.newest, box.repository, questions)
            .run(progress: Progress())
    }

    /// A database with a table of three rows and an index, in a snapshot.
    private func small(_ box: DatabaseBox) throws -> String {
        let database = try box.database()
        try box.server.sql(
            "CREATE TABLE t AS SELECT i FROM generate_series(1, 3) i; CREATE INDEX ON t (i)",
            in: database)
        return database
    }

    @Test("restores every kind of object, with roles that only the old server had")
    func everyKind() throws {
        let box = try DatabaseBox()
        try box.snapshot(try box.everyKind())
        let report = try prove(box)
        #expect(report.failures == [])
        #expect(report.level == .restored)
        let source = try #require(report.sources.first)
        #expect(source.isRestored && source.rows > 0)
        #expect(source.phases.map(\.name) == ["start", "load", "indexes", "checks"])
        #expect(source.phases.allSatisfy { $0.nanoseconds > 0 })
        #expect(source.recoveryPoint != nil)
        #expect(source.checks.contains { $0.hasPrefix("row counts") })
        #expect(source.checks.contains { $0.hasPrefix("amcheck") } || !source.notes.isEmpty)
    }

    @Test("asks what it is to ask")
    func questions() throws {
        let box = try DatabaseBox()
        let database = try small(box)
        try box.server.sql(
            "CREATE SCHEMA s; CREATE TABLE s.u (); ALTER DATABASE \(database) SET search_path = s",
            in: database)
        try box.snapshot(database)
        let right = try prove(box) {
            $0.tables = ["t", "public.t=3", "s.u", "u=0"].compactMap { .init($0) }
            $0.assertions = ["SELECT sum(i) = 6 FROM public.t", "SELECT count(*) = 0 FROM u"]
        }
        #expect(right.failures == [])
        #expect(right.level == .queried)
        #expect(right.sources.first?.answered == 6)
        let wrong = try prove(box) {
            $0.tables = ["t=4", "missing", "s.t"].compactMap { .init($0) }
            $0.assertions = [
                "SELECT false", "SELECT NULL::boolean", "SELECT true WHERE false",
                "SELECT true FROM public.t", "SELECT true, true", "SELECT 1", "nonsense",
                "DELETE FROM public.t RETURNING true", "SELECT count(*) = 3 FROM public.t",
            ]
        }
        #expect(wrong.level == .stored)
        #expect(wrong.failures.count == 3 + 8, "\(wrong.failures)")
        #expect(wrong.failures.contains { $0.contains("t=4") || $0.contains("has 3 rows") })
        #expect(wrong.failures.contains { $0.contains("missing is missing") })
        #expect(wrong.sources.first?.answered == 1)
    }

    @Test("says which of several databases is asked")
    func several() throws {
        let box = try DatabaseBox()
        let databases = [try small(box), try small(box)]
        try box.server.sql("DROP TABLE t", in: databases[1])
        try box.snapshot(databases[0], databases[1])
        let unsaid = #expect(throws: SourceError.self) {
            try prove(box) { $0.tables = [.init(name: "t")] }
        }
        #expect(unsaid?.description.contains("--database") == true)
        let asked = try prove(box) {
            $0.tables = [.init(name: "t")]
            $0.database = databases[0]
        }
        #expect(asked.failures == [] && asked.level == .queried)
        #expect(asked.sources.map(\.isRestored) == [true, true])
        let other = try prove(box) {
            $0.tables = [.init(name: "t")]
            $0.database = databases[1]
        }
        #expect(other.failures.count == 1)
    }

    @Test("fails when the manifest counts other rows")
    func rows() throws {
        let box = try DatabaseBox()
        let database = try small(box)
        try box.snapshot(database) { tree in
            AlteredTree(
                tree: tree,
                files: [
                    "manifest.json": { $0.replacing("\"rows\" : 3", with: "\"rows\" : 4") }
                ])
        }
        let report = try prove(box)
        #expect(report.level == .stored)
        #expect(report.failures.count == 1)
        #expect(report.failures.first?.contains("public.t has 3 rows, and had 4") == true)
    }

    @Test("fails when rows do not stay that were loaded")
    func rowsLost() throws {
        let box = try DatabaseBox()
        let database = try small(box)
        try box.snapshot(database) { tree in
            AlteredTree(
                tree: tree,
                files: ["schema-post.sql": { $0 + "\nDELETE FROM public.t WHERE i = 1;\n" }])
        }
        let report = try prove(box)
        #expect(report.failures.count == 1, "\(report.failures)")
        #expect(report.failures.first?.contains("public.t has 2 rows, and had 3") == true)
        #expect(report.level == .stored)
    }

    @Test("fails when an index does not have what its table has")
    func indexes() throws {
        let box = try DatabaseBox()
        let database = try small(box)
        // Not what it says: so each look at a row gives another key.
        try box.server.sql(
            """
            CREATE FUNCTION public.wrong(integer) RETURNS double precision IMMUTABLE
                LANGUAGE sql AS 'SELECT pg_catalog.random()';
            CREATE INDEX odd ON t (wrong(i))
            """, in: database)
        try box.snapshot(database)
        let report = try prove(box)
        guard report.sources.first?.notes.isEmpty == true else { return }
        #expect(report.failures.count == 1, "\(report.failures)")
        #expect(report.failures.first?.contains("amcheck: public.odd") == true)
        #expect(report.level == .stored)
    }

    @Test("names an extension, or a server, that is not installed")
    func missing() throws {
        let box = try DatabaseBox()
        let database = try small(box)
        let extensions: @Sendable (String) -> String = { script in
            script + """

                --
                -- Name: nowhere; Type: EXTENSION; Schema: -; Owner: -
                --

                CREATE EXTENSION nowhere;

                """
        }
        try box.snapshot(database) { tree in
            AlteredTree(tree: tree, files: ["schema-pre.sql": extensions])
        }
        let report = try prove(box)
        #expect(report.failures.first?.contains("the extension nowhere is not installed") == true)
        #expect(report.level == .stored)
        #expect { try ServerPrograms.find(for: PostgresVersion(990_000)) } throws: {
            "\($0)".contains("install postgresql-99")
        }
    }

    @Test("makes tablespaces of its own, and never where the old ones lie")
    func tablespaces() throws {
        let box = try DatabaseBox()
        let database = try small(box)
        let altered: @Sendable (String) -> String = {
            $0.replacing(
                "SET default_tablespace = '';", with: "SET default_tablespace = \"Far off\";")
        }
        try box.snapshot(database) { tree in
            AlteredTree(tree: tree, files: ["schema-pre.sql": altered])
        }
        let report = try prove(box) {
            $0.assertions = ["SELECT count(*) = 1 FROM pg_tables WHERE tablespace = 'Far off'"]
        }
        #expect(report.failures == [])
    }
}
