import TestSupport
import Testing
import VarveSystem

@Suite("Secrets of jobs")
struct SecretTests {
    private static let canary = "canary-7Qx2pLw9"
    let jobs: JobProgram

    init() throws { jobs = try JobProgram() }

    /// Every byte of every file that the repository has, whatever snapshot it is in.
    private func plainBytes() throws -> String {
        let list = try jobs.varve("snapshot", "list", "--json").output
        return try list.matches(of: #/"id":"([0-9a-f]{64})"/#).map { match in
            let id = String(match.output.1)
            let manifest = try jobs.varve("cat", "snapshot", id)
            let archive = try jobs.varve("dump", id)
            return manifest.output + manifest.errors + archive.output
        }.joined()
    }

    @Test("a value is nowhere in the repository, by whatever way the file is reached")
    func nowhere() throws {
        let program = jobs.program
        let app = program.path("app")
        let setUp = try program.shell(
            """
            cd '\(app)' && printf 'PASSWORD=%s\\nKEY="a\\n%s"\\n' \(Self.canary) \(Self.canary) > .env &&
            echo '{"db": {"password": "\(Self.canary)"}}' > data/db.json &&
            printf '%s\\n' '\(Self.canary)' > data/token &&
            ln .env data/hard && ln -s ../.env data/link && ln -s app ../way && mkdir sub &&
            ln -s ../data sub/data
            """)
        #expect(setUp.status == 0)
        try jobs.jobs(
            """
            jobs:
              app:
                sources: [., data/hard, ../way/data/token, .env]
                exclude: ['!.env', '!token']
                secrets:
                  - .env
                  - {file: ../way/sub/data/db.json, keep: names-only}
                  - data/token
            """)
        let run = try jobs.run("app", "-v")
        #expect(run.status == 0, "\(run)")
        let stored = try plainBytes()
        #expect(stored.contains("hello") && stored.contains("PASSWORD"), "all was looked at")
        #expect(!stored.contains(Self.canary))
        #expect(!(run.output + run.errors).contains(Self.canary))
        let names = try jobs.varve("dump", "latest:/secrets/names.json").output
        for name in ["PASSWORD", "KEY", "db.password"] { #expect(names.contains("\"\(name)\"")) }
        let list = try jobs.varve("ls", "latest").output.split(separator: "\n")
        #expect(
            !list.contains {
                $0.hasSuffix(".env") || $0.hasSuffix("/hard") || $0.hasSuffix("token")
            })
        #expect(list.contains { $0.hasSuffix("data/link") }, "a symbolic link holds no value")
    }

    @Test("nor is a source that reads the file in a way of its own taken")
    func read() throws {
        try jobs.program.write("{\"a\": \"\(Self.canary)\"}", "app/state.json")
        #expect(
            try jobs.program.shell("ln -s state.json '\(jobs.program.path("app/way"))'").status == 0
        )
        for path in ["state.json", "way"] {
            try jobs.jobs("jobs: {app: {sources: [data, 'json:\(path)'], secrets: state.json}}")
            let run = try jobs.run("app")
            #expect(run.status == 3 && run.errors.contains("of which only names"), "\(run)")
        }
        #expect(try !plainBytes().contains(Self.canary))
        try jobs.jobs("jobs: {app: {sources: 'json:state.json'}}")
        #expect(try jobs.run("app").status == 0)
        #expect(try plainBytes().contains(Self.canary), "or this test sees nothing")
    }

    @Test("nor when an earlier snapshot of the job had the file")
    func earlier() throws {
        try jobs.program.write("A=\(Self.canary)\n", "app/data/.env")
        try jobs.jobs("jobs: {app: {sources: data}}")
        #expect(try jobs.run("app").status == 0)
        #expect(try plainBytes().contains(Self.canary), "or this test sees nothing")
        try jobs.jobs("jobs: {app: {sources: data, secrets: data/.env}}")
        #expect(try jobs.run("app").status == 0)
        #expect(try jobs.varve("dump", "latest").output.contains("hello"))
        #expect(try !jobs.varve("dump", "latest").output.contains(Self.canary))
    }

    @Test("a file that is not as its format wants it gives no name, and the snapshot is incomplete")
    func unreadable() throws {
        try jobs.program.write("A=1\n\(Self.canary)\n", "app/data/.env")
        try jobs.jobs("jobs: {app: {sources: data, secrets: [data/.env, none.env]}}")
        let run = try jobs.run("app")
        #expect(run.status == 3, "\(run)")
        #expect(run.errors.contains("line 2: this is not NAME=value"), "\(run)")
        #expect(run.errors.contains("none.env"))
        #expect(!(run.output + run.errors).contains(Self.canary))
        #expect(try !plainBytes().contains(Self.canary))
    }

    @Test("secrets list says what a recovery needs, and what of it is here")
    func list() throws {
        try jobs.program.write("A=1\nB=2\n", "app/.env")
        try jobs.program.write("x", "app/tls.pem")
        try jobs.jobs(
            "jobs: {app: {sources: [data, env:DB_URL], secrets: [.env, tls.pem]}}")
        #expect(try jobs.run("app").status == 3)
        func list(_ words: String..., variables: [String: String] = [:]) throws -> Program.Run {
            try jobs.program.runAlone(
                ["secrets", "list"] + words,
                [
                    "VARVE_REPOSITORY": jobs.program.path("repository"),
                    "VARVE_KEY_FILE": jobs.program.path("key"),
                ].merging(variables) { $1 })
        }
        func rows(_ run: Program.Run) -> [[Substring]] {
            run.output.split(separator: "\n").map { $0.split(separator: " ") }
        }
        let app = try File.realPath(jobs.program.path("app"))
        let run = try list()
        #expect(run.status == 0, "\(run)")
        #expect(
            rows(run).prefix(5) == [
                ["Secret", "Where", "Here"], ["DB_URL", "environment", "no"],
                ["A", "\(app)/.env", "yes"],
                ["B", "\(app)/.env", "yes"], ["\(app)/tls.pem", "yes"],
            ], "\(run.output)")
        #expect(try list("--check").status == 1)
        #expect(try list("--check", variables: ["DB_URL": "x"]).status == 0)
        try jobs.program.write("B=2\n", "app/.env")
        let missing = try list("--check", variables: ["DB_URL": "x"])
        #expect(
            missing.status == 1 && rows(missing).contains(["A", "\(app)/.env", "no"]), "\(missing)")
        #expect(
            try list("--json").output.contains(
                #"{"name":"DB_URL","kind":"variable","path":null,"present":false}"#))
        #expect(try jobs.varve("backup", app).status == 0)
        let plain = try list("latest")
        #expect(plain.status == 0 && plain.output.contains("names no secrets"), "\(plain)")
        #expect(try list("latest", "--tag", "job:app").output.contains("tls.pem"))
    }
}
