import TestSupport
import Testing
import VarveSystem

@Suite("varve run")
struct JobTests {
    let jobs: JobProgram

    init() throws { jobs = try JobProgram() }

    @Test("one snapshot holds all sources of the job, and is labelled")
    func all() throws {
        try jobs.jobs(
            """
            jobs:
              app:
                sources:
                  - data
                  - {command: [seq, "3"], name: numbers}
                  - {command: 'printf x; pwd', name: where.txt}
                  - {command: 'echo inside | gzip', name: dump.gz, gunzip: true}
                exclude: '*.tmp'
                tags: [daily]
                host: web7
                description: the app
                compression: 9
            """)
        try jobs.program.write("", "app/data/b.tmp")
        let run = try jobs.run("app")
        #expect(run.status == 0, "\(run)")
        let list = try jobs.varve("ls", "latest").output.split(separator: "\n")
        let data = jobs.program.path("app/data")
        for path in ["/numbers", "/where.txt", "/dump", data + "/a"] {
            #expect(list.contains(Substring(path)), "\(list)")
        }
        #expect(!list.contains { $0.hasSuffix("b.tmp") || $0.hasPrefix("/secrets") })
        #expect(try jobs.varve("dump", "latest:/numbers").output == "1\n2\n3\n")
        #expect(try jobs.varve("dump", "latest:/dump").output == "inside\n")
        let directory = try File.realPath(jobs.program.path("app"))
        #expect(try jobs.varve("dump", "latest:/where.txt").output == "x\(directory)\n")
        let shown = try jobs.varve("snapshot", "show", "latest").output
        for text in ["web7", "daily", "job:app", "the app"] { #expect(shown.contains(text)) }
        let again = try jobs.run("app", "--json")
        #expect(again.output.contains(#""files_unmodified":4"#), "\(again.output)")
        #expect(again.output.contains(#""message_type":"job","job":"app","status":"success""#))
    }

    @Test(
        "a source that fails leaves the rest, and the snapshot says what it lacks",
        arguments: [
            ("missing", "app/missing"), ("env:NO_SUCH_URL", "env:NO_SUCH_URL"),
            ("{command: 'echo half; exit 3', name: dump.sql}", "dump.sql"),
            ("{command: [./no-such-program], name: dump.sql}", "dump.sql"),
            ("{command: 'echo plain', name: dump.sql, gunzip: true}", "dump.sql"),
        ])
    func incomplete(source: String, name: String) throws {
        try jobs.jobs(
            """
            jobs:
              app:
                sources: [data, \(source)]
                description: nightly
                retention: {keep_last: 1}
                sync: [../other]
                hooks:
                  on_success: ['echo success >> ../out']
                  on_failure: ['echo $VARVE_STATUS $VARVE_ERROR >> ../out']
            """)
        for number in 1...3 {
            let run = try jobs.run("app")
            #expect(run.status == 3, "\(run)")
            #expect(try jobs.snapshotCount() == number, "nothing is forgotten")
        }
        #expect(jobs.lines("out").allSatisfy { $0.hasPrefix("incomplete ") && $0.hasSuffix(name) })
        #expect(jobs.lines("out").count == 3)
        let list = try jobs.varve("snapshot", "list").output
        #expect(list.contains("incomplete") && list.contains("nightly; failed: "), "\(list)")
        #expect(list.contains(name))
        #expect((try? File.status(of: jobs.program.path("other"))) == nil, "nothing is synced")
        let data = jobs.program.path("app/data/a")
        #expect(try jobs.varve("dump", "latest:\(data)").output == "hello\n")
        #expect(try jobs.varve("dump", "latest:/dump.sql").status != 0)
    }

    @Test("without any source that can be taken there is no snapshot")
    func nothing() throws {
        try jobs.jobs("jobs: {app: {sources: [missing, {command: 'exit 1', name: x}]}}")
        let run = try jobs.run("app")
        #expect(run.status == 1, "\(run)")
        #expect(try jobs.snapshotCount() == 0)
    }

    @Test("retention judges the job's own snapshots, whatever their sources")
    func retention() throws {
        func write(_ sources: String, last: Int) throws {
            try jobs.jobs(
                """
                jobs:
                  app: {sources: \(sources), retention: {keep_last: \(last), prune: true}}
                  other: {sources: data}
                """)
        }
        try write("data", last: 2)
        #expect(try jobs.run("other").status == 0)
        #expect(try jobs.varve("backup", jobs.program.path("app/data")).status == 0)
        #expect(try jobs.run("app").status == 0)
        try write("[data, varve.yaml]", last: 2)
        for _ in 0..<3 {
            let run = try jobs.run("app")
            #expect(run.status == 0, "\(run)")
            #expect(run.output.contains("removed"), "it is pruned")
        }
        #expect(try jobs.snapshotCount() == 4)
        try write("data", last: 9)
        for _ in 0..<4 { #expect(try jobs.run("app").status == 0) }
        try write("data", last: 1)
        let drastic = try jobs.run("app")
        #expect(drastic.status == 1 && drastic.errors.contains("--yes"), "\(drastic)")
        #expect(try jobs.snapshotCount() == 9, "the snapshot is taken, nothing is forgotten")
        #expect(try jobs.run("app", "--yes").status == 0)
        #expect(try jobs.snapshotCount() == 3)
    }

    @Test("snapshots that are incomplete take the place of no whole one")
    func separate() throws {
        try jobs.jobs("jobs: {app: {sources: [data, env:DB], retention: {keep_last: 2}}}")
        try jobs.program.write("jobs: {app: {sources: [data], retention: {keep_last: 2}}}", "whole")
        func whole() throws -> Program.Run {
            try jobs.varve(
                "run", "app", "--config", jobs.program.path("whole"))
        }
        try jobs.program.write("", "data")
        for _ in 0..<2 { #expect(try whole().status == 0) }
        for _ in 0..<4 { #expect(try jobs.run("app").status == 3) }
        #expect(try whole().status == 0)
        let list = try jobs.varve("snapshot", "list").output.split(separator: "\n")
        #expect(list.filter { $0.contains("job:app") && !$0.contains("incomplete") }.count == 2)
        #expect(list.filter { $0.contains("incomplete") }.count == 2)
    }

    @Test("snapshots of the job, and no others, go to its destinations")
    func sync() throws {
        try jobs.jobs("jobs: {app: {sources: data, sync: [../other]}, b: {sources: data}}")
        #expect(try jobs.run("b").status == 0)
        let run = try jobs.run("app")
        #expect(run.status == 0, "\(run)")
        let list = try jobs.varve("snapshot", "list", "-r", jobs.program.path("other")).output
        #expect(list.contains("job:app") && !list.contains("job:b"), "\(list)")
    }

    @Test("repository and key of the file are used, unless the command line names a repository")
    func repository() throws {
        _ = try jobs.program.runAlone([
            "init", "-r", jobs.program.path("own"), "--key-file", jobs.program.path("own-key"),
        ])
        try jobs.jobs(
            "defaults: {repository: ../own, key_file: ../own-key}\njobs: {app: {sources: data}}")
        let run = try jobs.run("app")
        #expect(run.status == 0, "\(run)")
        #expect(try jobs.snapshotCount() == 0)
        let other = try jobs.run("app", "-r", jobs.program.path("repository"))
        #expect(other.status == 0, "\(other)")
        #expect(try jobs.snapshotCount() == 1)
    }

    @Test("jobs run one after the other, also behind one that fails")
    func several() throws {
        try jobs.jobs(
            """
            jobs:
              a: {sources: data, hooks: {after: 'echo a >> ../out'}}
              b: {sources: missing, hooks: {after: 'echo b >> ../out'}}
              c: {sources: [data, env:NO_SUCH], hooks: {after: 'echo c >> ../out'}}
            """)
        #expect(try jobs.run("--all").status == 1)
        #expect(jobs.lines("out") == ["a", "b", "c"])
        #expect(try jobs.run("c", "a").status == 3)
        #expect(jobs.lines("out") == ["a", "b", "c", "c", "a"])
        let none = try jobs.run("a", "d")
        #expect(none.status == 64 && none.errors.contains("no job 'd'; it has a, b, c"), "\(none)")
        #expect(jobs.lines("out").count == 5, "nothing is run")
        #expect(try jobs.run("a", "--all").status == 64)
        let list = try jobs.run()
        #expect(list.status == 0 && list.output.contains("env:NO_SUCH"), "\(list)")
        #expect(try jobs.run("--json").output.hasPrefix(#"[{"name":"a""#))
    }

    @Test("mistakes are told all at once, and nothing is run")
    func mistakes() throws {
        try jobs.jobs(
            "jobs:\n  a: {sources: data, hooks: {before: 'echo >> ../out'}}\n  b: {source: x, tags: 3, host: {}}\n"
        )
        for words in [["--check"], ["a"], []] {
            let run = try jobs.program.runAlone(
                ["run", "--config", jobs.program.path("app/varve.yaml")] + words)
            #expect(run.status == 64)
            #expect(run.errors.contains(":3:7: 'source' is no key of a job; did you mean sources?"))
            #expect(run.errors.contains(":3:33: host is a text"), "\(run.errors)")
        }
        #expect(jobs.lines("out") == [])
        try jobs.jobs("jobs: {a: {sources: data, storage_options: [s3.colour=red]}}")
        #expect(try jobs.run("--check").errors.contains("s3.colour"))
        try jobs.jobs("jobs: {a: {sources: data}}")
        let right = try jobs.run("--check")
        #expect(right.status == 0 && right.output.contains("1 job, no mistakes"), "\(right)")
    }

    @Test("the file is looked for in its places")
    func places() throws {
        let here = try jobs.program.shell("cd '\(jobs.program.path("app"))' && $varve run")
        #expect(here.status == 64 && here.errors.contains("./varve.yaml"), "\(here)")
        try jobs.jobs("jobs: {here: {sources: data}}")
        let found = try jobs.program.shell("cd '\(jobs.program.path("app"))' && $varve run")
        #expect(found.output.contains("here"), "\(found)")
        let named = try jobs.program.runAlone(
            ["run"], ["VARVE_CONFIG": jobs.program.path("app/varve.yaml")])
        #expect(named.output.contains("here"), "\(named)")
        try File.makeDirectories(jobs.program.path("home/.config/varve"))
        try jobs.program.write("jobs: {home: {sources: ~}}", "home/.config/varve/varve.yaml")
        let home = try jobs.program.shell("cd / && $varve run")
        #expect(home.errors.contains("home/.config/varve/varve.yaml:1:15"), "\(home)")
        let missing = try jobs.run("--config", jobs.program.path("none"))
        #expect(missing.status == 64 && missing.errors.contains("cannot be read"), "\(missing)")
    }

    @Test("a file that others may write to runs nothing")
    func danger() throws {
        try jobs.jobs("jobs: {app: {sources: data, hooks: {before: 'echo >> ../out'}}}")
        try File.openDirectory(jobs.program.path("app")).setMode(Array("varve.yaml".utf8), 0o666)
        let run = try jobs.run("app")
        #expect(run.status == 64 && run.errors.contains("everybody may write to it"), "\(run)")
        #expect(jobs.lines("out") == [])
    }

    @Test("a dry run runs no hook, and changes nothing")
    func dryRun() throws {
        try jobs.jobs(
            """
            jobs:
              app:
                sources: data
                retention: {keep_last: 1}
                hooks: {before: ['echo >> ../out'], after: [[touch, ../out]]}
            """)
        let run = try jobs.run("app", "-n")
        #expect(run.status == 0, "\(run)")
        #expect(run.output.contains("would run before: sh -c 'echo >> ../out'"))
        #expect(run.output.contains("would run after: touch ../out"))
        #expect(jobs.lines("out") == [] && (try? File.status(of: jobs.program.path("out"))) == nil)
        #expect(try jobs.snapshotCount() == 0)
    }
}
