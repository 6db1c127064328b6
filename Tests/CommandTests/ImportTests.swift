import TestSupport
import Testing
import VarveSystem

@Suite("The command import")
struct ImportTests {
    let program: Program

    init() throws {
        program = try Program()
        try program.run("init")
        try File.makeDirectory(program.path("old"))
        for (name, text) in [("20240101", "first\n"), ("20240102", "second\n")] {
            try program.write(text, "old/b_\(name).json")
            #expect(try program.shell("gzip \(program.path("old/b_\(name).json"))").status == 0)
        }
        try program.write("", "old/README")
    }

    private func run(_ words: String...) throws -> Program.Run {
        try program.runAlone(
            ["import", program.path("old"), "--time-from-name", "b_%Y%m%d.json.gz"] + words
                + ["-r", program.path("repository"), "--key-file", program.path("key")])
    }

    @Test("lists what it would do, does it, and does it once")
    func once() throws {
        let plan = try run("--gunzip", "--dry-run")
        #expect(plan.status == 0)
        let lines = plan.output.split(separator: "\n").map(String.init)
        #expect(
            lines[1].hasPrefix("2024-01-01 00:00:00") && lines[1].hasSuffix("b_20240101.json.gz"))
        #expect(lines[3] == "left out: README: its name does not match")
        #expect(lines[4].hasPrefix("would import 2 snapshots of b.json from "))

        let first = try run("--gunzip", "--tag", "old")
        #expect(first.status == 0)
        #expect(first.output.hasPrefix("imported 2 snapshots of b.json\n  read     "))
        #expect(first.errors == "varve: README: left out: its name does not match\n")
        #expect(try run("--gunzip").output == "imported nothing of b.json; 2 came before\n")

        let list = try program.run("snapshots", "--tag", "old")
        #expect(list.output.contains("2024-01-01 00:00:00"))
        #expect(list.output.contains("2 snapshots"))
        #expect(try program.run("dump", "@2024-01-01:/b.json").output == "first\n")
        #expect(try program.run("dump", "latest:/b.json").output == "second\n")
    }

    @Test("a file that is damaged is named, and the exit status is 3")
    func damaged() throws {
        try program.write("no gzip", "old/b_20240103.json.gz")
        let result = try run("--gunzip", "--json")
        #expect(result.status == 3)
        #expect(result.output.contains(#""snapshots":2"#))
        #expect(
            result.errors.contains(
                #""error":{"message":"it is not compressed with gzip"},"during":"import""#))
    }

    @Test("without --gunzip it says that it would pay")
    func advice() throws {
        let result = try run()
        #expect(result.status == 0)
        #expect(result.output.contains("import them with --gunzip"))
        #expect(try program.run("ls", "latest").output.contains("/b.json.gz"))
    }

    @Test("when interrupted keeps what it has, and goes on the next time")
    func interrupted() throws {
        // Which takes days to read.
        let endless = program.path("old/b_20240103.json.gz")
        try File.createOrTruncate(endless).truncate(to: 1 << 40)
        try program.write("fourth\n", "old/b_20240104.json.gz")
        let process = try program.start([
            "import", program.path("old"), "--time-from-name", "b_%Y%m%d.json.gz",
            "-r", program.path("repository"), "--key-file", program.path("key"),
        ])
        try wait(for: "two snapshots") {
            try program.run("snapshots").output.hasSuffix("\n2 snapshots\n")
        }
        process.terminate()
        let stopped = try Program.finish(process)
        #expect(stopped.status == 130)
        #expect(stopped.errors.contains("2 snapshots came so far and stay; run the command again"))
        #expect(try program.run("snapshots").output.hasSuffix("\n2 snapshots\n"))
        try program.write("third\n", "old/b_20240103.json.gz")
        #expect(try run().status == 0)
        #expect(try program.run("snapshots").output.hasSuffix("\n4 snapshots\n"))
    }

    @Test("says what is wrong with a pattern")
    func patterns() throws {
        for (pattern, reason) in [
            ("b.gz", "it has no year; write one like `backup_%Y%m%d_%H%M%S.sql.gz`"),
            ("%Y%Q", "`%Q` is no field of a time"),
        ] {
            let result = try program.run("import", program.path("old"), "--time-from-name", pattern)
            #expect(result.status == 64)
            #expect(result.errors == "varve: --time-from-name is '\(pattern)': \(reason)\n")
        }
        let nameless = try program.run("import", program.path("old"), "--time-from-name", "%Y.gz")
        #expect(nameless.status == 64 && nameless.errors.contains("--name"))
    }
}
