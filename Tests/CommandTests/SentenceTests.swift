import Testing
import VarveSystem

/// What the built program says when something is missing, empty or of the wrong kind.
@Suite("What commands say")
struct SentenceTests {
    private let varve: Program

    init() throws {
        varve = try Program()
        try File.makeDirectory(varve.path("source"))
        try varve.write("one\n", "source/a")
        try varve.run("init")
    }

    @Test("filters that nothing matches are named")
    func filters() throws {
        for _ in 0..<2 { try varve.run("backup", varve.path("source")) }
        let list = try varve.run("snapshots", "--host", "nope")
        #expect(list.output == "none of the 2 snapshots matches --host nope\n")
        let contents = try varve.run("ls", "latest", "--host", "nope")
        #expect(contents.status == 1)
        #expect(contents.errors.contains("no snapshot 'latest' with --host nope;"))
    }

    @Test("a source is found by its relative path, and a stream by its name")
    func sources() throws {
        let list = try varve.shell(
            "cd ${HOME%/*}; $varve backup -q source; $varve snapshots --source ./source/")
        #expect(list.output.hasSuffix("1 snapshot\n"))
        #expect(try varve.shell("echo 1 | $varve backup --stdin n").status == 0)
        #expect(try varve.run("snapshots", "--source", "n").output.hasSuffix("1 snapshot\n"))
    }

    @Test("a path may follow a space, and only files and directories can be dumped")
    func paths() throws {
        let source = varve.path("source")
        try File.openDirectory(source).makeSymlink(to: "a", "link")
        try varve.run("backup", source)
        let dump = try varve.run("dump", "latest", source + "/link")
        #expect(dump.status == 1)
        #expect(
            dump.errors
                == "varve: \(source)/link is neither a file nor a directory; only these can be "
                + "dumped\n")
        #expect(try varve.run("restore", "latest", source, "-t", varve.path("b")).status == 0)
        #expect(try varve.contents("b/a") == "one\n")
        let verify = try varve.run("verify", "latest", source)
        #expect(verify.status == 64)
        #expect(verify.errors.contains("verified whole"))
    }

    @Test("a first snapshot of what is not there makes no repository and no key")
    func nothingToTake() throws {
        let run = try varve.runAlone(["backup", "/nothing", "/nowhere"])
        #expect(run.status == 1 && run.errors == "varve: /nowhere does not exist\n")
        for place in ["home/.local/share", "home/.config"] {
            #expect(throws: SystemError.self) { try File.status(of: varve.path(place)) }
        }
    }

    @Test("commands know what they were asked for where there is no /proc")
    func withoutProcesses() throws {
        let alone = "unshare -rm sh -c 'mount -t tmpfs none /proc && "
        guard try varve.shell(alone + "true'").status == 0 else { return }
        #expect(try varve.shell(alone + "exec $varve stats'").output.contains("snapshots"))
        #expect(try varve.shell(alone + "exec $varve nonsense'").status == 64)
    }

    @Test("options that no log record can hold, and times beyond it, are wrong usage at once")
    func tooLong() throws {
        let long = String(repeating: "x", count: 30_000)
        let cases = [
            ["backup", "/nothing", "--tag", long, "--tag", long, "--tag", long],
            ["backup", "/nothing", "--tag", long, "--description", long + long],
            ["import", "/nothing", "--time-from-name", "%F", "--tag", long + long + long],
        ]
        for words in cases {
            let run = try varve.runAlone(words)
            #expect(run.status == 64)
            #expect(run.errors.contains("at most 64.0 KiB fit into a snapshot"))
        }
        let time = try varve.run("backup", varve.path("source"), "--time", "9999-01-01")
        #expect(time.status == 64)
        #expect(time.errors.contains("times lie between 1677-09-22 and 2262-04-10"))
        let fits = String(repeating: "x", count: 60_000)
        for option in ["--tag", "--description"] {
            #expect(try varve.run("backup", varve.path("source"), option, fits).status == 0)
        }
    }

    @Test("a source that is missing is told once")
    func missingSource() throws {
        let path = varve.path("nothing")
        let one = try varve.run("backup", path)
        #expect(one.status == 1 && one.errors == "varve: \(path) does not exist\n")
        let two = try varve.run("backup", path + "1", path + "2")
        #expect(two.errors.hasPrefix("varve: \(path)1: "))
        #expect(two.errors.hasSuffix("varve: \(path)2 does not exist\n"))
        #expect(two.errors.split(separator: "\n").count == 2)
    }

    @Test("options that are empty are wrong usage")
    func empty() throws {
        let cases = [
            ["restore", "latest", "-t", ""], ["snapshots", "--tag", ""],
            ["snapshots", "--host", ""], ["backup", "/x", "--tag", ","],
            ["backup", "/x", "--host", ""], ["ls", "latest", "--source", ""],
        ]
        for words in cases {
            let run = try varve.runAlone(words)
            #expect(run.status == 64, "\(words)")
            #expect(run.errors.contains(" is empty"), "\(words)")
        }
    }

    @Test("files and directories are not taken for each other")
    func kinds() throws {
        let file = varve.path("source/a")
        let run = try varve.runAlone(["snapshots", "-r", file])
        #expect(run.status == 10)
        #expect(run.errors == "varve: \(file) is no directory, so there is no repository\n")
        let key = try varve.run("snapshots", key: "source")
        #expect(key.status == 64)
        #expect(key.errors.contains("source is a directory; name a file"))
    }

    @Test("a senseless variable is an error of every command")
    func variables() throws {
        for (name, value) in [("VARVE_COMPRESSION", "lots"), ("VARVE_PROGRESS_FPS", "-1")] {
            let words = ["key", "list", "-r", varve.path("repository")]
            let run = try varve.runAlone(words, [name: value])
            #expect(run.status == 64)
            #expect(run.errors.hasPrefix("varve: \(name) is '\(value)'"))
        }
    }

    @Test("a step that saves nothing has no factor")
    func factors() throws {
        try varve.run("backup", varve.path("source"))
        let stats = try varve.run("stats")
        #expect(stats.output.contains("÷ "))
        #expect(!stats.output.contains("÷ 0"))
    }

    @Test("a repository that was put back names the file to remove")
    func rolledBack() throws {
        let copied = try varve.shell(
            "cp -a $VARVE_REPOSITORY $HOME.old; $varve backup ${HOME%/*}/source && rm -r "
                + "$VARVE_REPOSITORY && mv $HOME.old $VARVE_REPOSITORY")
        #expect(copied.status == 0)
        let run = try varve.run("snapshots")
        #expect(run.status == 20)
        let start = try #require(run.errors.firstRange(of: "remove ")?.upperBound)
        let file = run.errors[start...].prefix { $0 != "\n" }
        try File.remove(String(file))
        #expect(try varve.run("snapshots").status == 0)
    }
}
