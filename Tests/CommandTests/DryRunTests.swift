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

    @Test("makes no repository, no bucket and no key, and fails where the real run would")
    func initialising() throws {
        try File.makeDirectory(varve.path("home"))
        let bare = try varve.runAlone(["init", "-n"])
        #expect(bare.status == 0)
        #expect(bare.output.hasSuffix("/.config/varve/keys/REPOSITORY-ID\n"))
        #expect(try File.openDirectory(varve.path("home")).entries().isEmpty)
        let named = try varve.run("init", "-n", "--json")
        let place = varve.path("repository")
        #expect(
            named.output
                == "{\"message_type\":\"initialized\",\"id\":null,\"repository\":\"\(place)\","
                + "\"key_file\":\"\(varve.path("key"))\",\"dry_run\":true}\n")
        for name in ["repository", "key"] {
            #expect(throws: SystemError.self) { try File.status(of: varve.path(name)) }
        }
        let nowhere = try varve.run("init", "-n", key: "none/key")
        #expect(try nowhere.status == 1 && varve.run("init", key: "none/key").status == 1)
        try varve.run("init")
        let (dry, real) = (try varve.run("init", "-n"), try varve.run("init"))
        #expect(dry.status == 1 && dry.errors == real.errors)
        let full = ["init", "-r", varve.path("source")]
        #expect(try varve.runAlone(full + ["-n"]).errors == varve.runAlone(full).errors)
    }

    @Test("of what changes keys changes none, and refuses what the real run does")
    func keys() throws {
        try varve.run("init")
        try varve.run("backup", varve.path("source"))
        let second = varve.path("second")
        try varve.run("key", "add", "--new-key-file", second, "--label", "second")
        try varve.run("key", "rotate")
        let list = try varve.run("key", "list", "--json").output
        let ids = list.matches(of: /"short_id":"([0-9a-f]{8})"/).map { String($0.1) }
        #expect(ids.count == 2)
        let before = try everything("repository")
        let start = "dry run, nothing is changed"
        let new = varve.path("new")
        let cases: [([String], String)] = [
            (["add"], "\(start): would add a key\n"),
            (
                ["add", "--new-key-file", new],
                "\(start): would add a key, in the new key file \(new)\n"
            ),
            (["passwd", "--new-key-file", second], "\(start): would replace key \(ids[0])\n"),
            (["remove", ids[1]], "\(start): would remove key \(ids[1])\n"),
            (
                ["remove", ids[1], "--compromised"],
                "\(start)\nwould remove key \(ids[1]) (second)\nwould seal anew key \(ids[0])\n"
            ),
            (["rotate"], "\(start): epoch 3 would begin\n"),
        ]
        for (words, output) in cases {
            let dry = try run(words + ["-n"])
            #expect(dry.status == 0 && dry.output == output, "\(words): \(dry.output)\(dry.errors)")
            let json = try run(words + ["-n", "--json"])
            #expect(json.output.contains("\"dry_run\":true"), "\(words)")
        }
        for words in [
            ["remove", ids[0]], ["remove", "none"], ["remove", ids[0], "--compromised"],
        ] {
            let (dry, real) = (try run(words + ["-n"]), try run(words))
            #expect(dry.status == real.status && dry.errors == real.errors, "\(words)")
            #expect(dry.status != 0)
        }
        #expect(try everything("repository") == before)
        #expect(throws: SystemError.self) { try File.status(of: new) }
        let rewritten = try run(["rotate", "--rewrite", "-n"])
        #expect(rewritten.output.hasPrefix(start) && rewritten.output.contains("written    "))
        #expect(try run(["rotate", "--rewrite"]).output.contains("written    "))
    }

    private func run(_ words: [String]) throws -> Program.Run {
        try varve.runAlone(
            ["key"] + words + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
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
