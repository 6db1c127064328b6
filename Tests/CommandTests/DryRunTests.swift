import Testing
import VarveSystem

@testable import varve

@Suite("A dry run")
struct DryRunTests {
    private let varve: Program

    init() throws {
        varve = try Program()
        try File.makeDirectory(varve.path("source"))
        try varve.write(String(repeating: "some words\n", count: 3_000), "source/a")
    }

    /// Every entry below a directory with its size, times and content.
    private func everything(_ name: String) throws -> String {
        try varve.shell(
            "cd \(shellWord(varve.path(name))) && find . -printf '%p %m %s %T@ %C@\\n' | sort && "
                + "find . -type f -exec sha256sum {} + | sort"
        ).output
    }

    @Test("leaves the whole repository as it was, and says what the real run then says")
    func untouched() throws {
        try varve.run("init")
        try varve.run("backup", varve.path("source"))
        try varve.write(String(repeating: "other words\n", count: 9_000), "source/b")
        let before = try everything("repository")
        #expect(before.split(separator: "\n").count > 10)
        let dry = try varve.run("backup", "-n", varve.path("source"), "-v")
        #expect(dry.status == 0)
        #expect(try everything("repository") == before)
        let real = try varve.run("backup", varve.path("source"))
        for start in ["  files", "  new"] {
            let said = dry.output.split(separator: "\n").first { $0.hasPrefix(start) }
            #expect(real.output.contains(try #require(said)))
        }
        #expect(dry.output.contains("new        \(varve.path("source"))/b  105 KiB\n"))
    }

    @Test("makes neither the default repository nor a key, a cache or anything else at home")
    func nothingMade() throws {
        try File.makeDirectory(varve.path("home"))
        let run = try varve.runAlone(
            ["backup", "--dry-run", varve.path("source")], ["TMPDIR": varve.path("home")])
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("there is no repository yet; it would be made at "))
        #expect(run.output.contains("  files    1 new; 32.2 KiB in all"))
        #expect(try File.openDirectory(varve.path("home")).entries().isEmpty)
        // One that was named must be there.
        #expect(try varve.run("backup", "-n", varve.path("source")).status == 10)
    }

    @Test("reads streams and runs programs, for only then it is known what would be stored")
    func streams() throws {
        try varve.run("init")
        let before = try everything("repository")
        #expect(try varve.shell("seq 1000 | $varve backup -n --stdin n").status == 0)
        #expect(try varve.shell("$varve backup -n --command n -- false").status == 1)
        #expect(try everything("repository") == before)
    }
}
