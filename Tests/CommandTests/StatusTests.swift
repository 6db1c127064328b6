import Testing

@testable import varve

@Suite("Exit status")
struct StatusTests {
    private let program: Program

    init() throws { program = try Program() }

    @Test("what is missing or wrong has its exit status")
    func statuses() throws {
        #expect(try program.run("snapshot", "list").status == 10)
        #expect(try program.run("init").status == 0)
        #expect(try program.run("init").status == 1)
        try program.write("nonsense", "other")
        #expect(try program.run("snapshot", "list", key: "other").status == 12)
        #expect(try program.run("backup", program.path("nowhere")).status == 1)
        #expect(try program.run("snapshot", "ls", "abc").status == 1)
    }

    @Test("what makes no sense is wrong usage")
    func usage() throws {
        try program.run("init")
        let wrong = [
            ["backup"], ["find"], ["snapshot", "history"],
            ["snapshot", "ls", "no-word"],
            ["init", "--chunk-size", "1000"], ["snapshot", "list", "-q", "-v"],
            ["snapshot", "list", "--latest", "0"], ["snapshot", "create", "/", "--time", "noon"],
            ["snapshot", "create", "/", "--compression", "fast"], ["cat", "zz"],
            ["snapshot", "list", "-p", "a", "--key-file", "b"], ["-r", "s3:https://h/b", "stats"],
        ]
        let variables = ["VARVE_REPOSITORY": program.path("repository")]
        for words in wrong {
            let run = try program.runAlone(words, variables)
            #expect(run.status == 64, "\(words)")
            #expect(run.errors.hasPrefix("varve: "), "\(words)")
        }
    }

    @Test(
        "a variable with a value that makes no sense is an error that names it",
        arguments: [
            ("VARVE_REPOSITORY", ""), ("VARVE_KEY_FILE", ""), ("VARVE_COMPRESSION", "20"),
            ("VARVE_PROGRESS_FPS", "0"), ("VARVE_CACHE_DIR", ""), ("XDG_DATA_HOME", "here"),
        ])
    func variables(_ name: String, _ value: String) throws {
        try program.write("x", "a")
        let run = try program.runAlone(["backup", program.path("a")], [name: value])
        #expect(run.status == 64)
        #expect(run.errors.contains(name))
    }

    @Test("a wrong passphrase is one line, and never repeated")
    func passphrases() throws {
        try program.write("the right one\n", "right")
        let words = ["-r", program.path("repository")]
        let made = try program.runAlone(["init", "-p", program.path("right")] + words)
        #expect(made.status == 0)
        let wrong = try program.runAlone(
            ["snapshots"] + words, ["VARVE_PASSPHRASE": "the wrong one"])
        #expect(wrong.status == 12)
        #expect(wrong.errors.split(separator: "\n").count == 1)
        #expect(!wrong.errors.contains("the wrong one"))
        let command = "cat \(shellWord(program.path("right")))"
        let right = try program.runAlone(
            ["snapshots"] + words, ["VARVE_PASSPHRASE_COMMAND": command])
        #expect(right.status == 0)
    }

    @Test("an error for programs is a line of JSON")
    func json() throws {
        let run = try program.run("snapshots", "--json")
        #expect(run.status == 10)
        #expect(run.output == "")
        #expect(run.errors.hasPrefix(#"{"message_type":"exit_error","code":10,"message":"#))
    }

    @Test("version and help need nothing")
    func help() throws {
        #expect(try program.runAlone(["--version"]).output == Varve.program + "\n")
        let help = try program.runAlone(["--help"])
        #expect(help.status == 0)
        for word in ["init", "snapshot", "stats", "key", "cat"] {
            #expect(help.output.contains("\n  \(word) "), "\(word)")
            #expect(try program.runAlone([word, "--help"]).status == 0)
        }
        #expect(try program.runAlone(["unlock"]).output == "Varve has no locks.\n")
    }
}
