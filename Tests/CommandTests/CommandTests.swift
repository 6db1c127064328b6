import TestSupport
import Testing
import VarveSystem

/// Whole commands of the built program.
@Suite("Commands")
struct CommandTests {
    private let varve: Program

    init() throws { varve = try Program() }

    @Test("a directory goes in and comes back, as it was at each time")
    func roundTrip() throws {
        try File.makeDirectory(varve.path("source"))
        try varve.write("one\n", "source/a")
        #expect(try varve.run("init").status == 0)
        let first = try varve.run("backup", varve.path("source"))
        #expect(first.status == 0)
        #expect(first.output.contains("1 new; 4 B in all"))
        try varve.write("two\n", "source/a")
        #expect(try varve.run("snapshot", "create", varve.path("source")).status == 0)
        #expect(try varve.run("verify", "latest").output.contains("is whole: 1 file, 4 B"))
        let source = varve.path("source")
        #expect(try varve.run("restore", "latest:" + source, "-t", varve.path("new")).status == 0)
        #expect(try varve.run("restore", "latest~1", "-t", varve.path("old")).status == 0)
        #expect(try varve.contents("new/a") == "two\n")
        #expect(try varve.contents("old" + source + "/a") == "one\n")
    }

    @Test("with nothing configured, a repository and a key are made, and said")
    func defaults() throws {
        try varve.write("one\n", "a")
        let run = try varve.runAlone(["snapshot", "create", varve.path("a")])
        #expect(run.status == 0)
        let repository = varve.path("home/.local/share/varve/repository")
        #expect(run.output.hasPrefix("created the repository \(repository)\n"))
        #expect(run.output.contains("Keep a copy of the key file elsewhere"))
        let key = try #require(varve.entries("home/.config/varve/keys").first)
        #expect(run.output.contains("  key file  " + varve.path("home/.config/varve/keys/\(key)")))
        let status = try File.status(of: varve.path("home/.config/varve/keys/\(key)"))
        #expect(status.mode & 0o777 == 0o600)
        #expect(try varve.runAlone(["dump", "latest", varve.path("a")]).output == "one\n")
        #expect(try varve.runAlone(["snapshots"]).output.hasSuffix("1 snapshot\n"))
    }

    @Test("Varve's own directories are left out, so their changes are none of the source's")
    func own() throws {
        let run = try varve.shell(
            """
            export VARVE_REPOSITORY="$HOME/repository" VARVE_KEY_FILE="$HOME/key"
            mkdir -p "$HOME/data" && echo x > "$HOME/data/file" && $varve init -q &&
            $varve backup -v "$HOME" && $varve backup --skip-if-unchanged "$HOME" &&
            $varve ls latest && ! $varve backup "$HOME/.cache/varve"
            """)
        #expect(run.status == 0, "\(run)")
        let own = ["repository", ".cache/varve", ".local/state/varve"].map {
            varve.path("home/" + $0)
        }
        let lines = run.output.split(separator: "\n").map(String.init)
        for path in own {
            #expect(lines.contains("excluded   \(path)  it is Varve's own"), "\(run.output)")
            #expect(lines.contains("  left out \(path), which is Varve's own"))
            #expect(!lines.contains { $0.hasSuffix(path) })
        }
        #expect(lines.contains { $0.hasPrefix("nothing has changed") }, "\(run.output)")
        #expect(lines.contains { $0.hasSuffix(varve.path("home/data/file")) }, "\(run.output)")
        #expect(lines.contains { $0.hasSuffix(varve.path("home/key")) }, "\(run.output)")
        #expect(run.errors.contains("every source is left out"), "\(run.errors)")
    }

    @Test("a stream goes in and comes back, also when only its head is wanted")
    func streams() throws {
        try varve.run("init")
        #expect(try varve.shell("seq 300000 | $varve backup --stdin n --tag a,b").status == 0)
        let same = try varve.shell("seq 300000 >$HOME.n; $varve dump latest:n | cmp - $HOME.n")
        #expect(same.status == 0)
        let head = try varve.shell("($varve dump latest:/n; echo $? >&2) | head -n 1")
        #expect(head.output == "1\n")
        #expect(head.errors == "1\n" || head.errors == "0\n", "no word about the broken pipe")
    }

    @Test("a program that fails leaves no snapshot")
    func failedProgram() throws {
        try varve.run("init")
        let failed = try varve.run("backup", "--command", "x", "false")
        #expect(failed.status == 1)
        #expect(failed.errors == "varve: false ended with exit status 1; no snapshot was taken\n")
        #expect(try varve.shell("$varve backup --command x -- sh -c 'kill -9 $$'").status == 1)
        #expect(try varve.run("snapshot", "list", "--json").output == "[]\n")
        #expect(try varve.shell("$varve backup --command x -- echo -n hi").status == 0)
        #expect(try varve.run("dump", "latest:x").output == "hi")
    }

    @Test("an interrupted snapshot is none, and says so")
    func interrupt() throws {
        try varve.run("init")
        let process = try varve.start([
            "backup", "--command", "x", "-r", varve.path("repository"), "--key-file",
            varve.path("key"), "--", "sh", "-c", "echo started >&2; exec sleep 1000",
        ])
        try wait(for: "the command") { !process.errorText.isEmpty }
        process.terminate()
        let run = try Program.finish(process)
        #expect(run.status == 130)
        #expect(run.errors.contains("varve: interrupted: no snapshot was taken"))
    }

    @Test("a key can be added, replaced and removed, but never the last")
    func keys() throws {
        try varve.run("init", "--label", "first")
        #expect(try varve.run("key", "add", "--new-key-file", varve.path("second")).status == 0)
        #expect(try varve.run("key", "passwd", "--new-key-file", varve.path("third")).status == 0)
        #expect(try varve.run("snapshot", "list").status == 12)
        #expect(try varve.run("snapshot", "list", key: "second").status == 0)
        let list = try varve.run("key", "list", key: "third").output
        let ids = list.split(separator: "\n").dropFirst().map { String($0.prefix(8)) }
        #expect(ids.count == 2)
        #expect(list.contains("first"))
        #expect(try varve.run("key", "remove", ids[0], key: "third").status == 0)
        let last = try varve.run("key", "remove", ids[1], key: "third")
        #expect(last.status == 1)
        #expect(last.errors.contains("last key slot"))
    }

    @Test("damage is found, named, and has its exit status")
    func damage() throws {
        try varve.run("init")
        try varve.write(String(repeating: "words and more words\n", count: 5000), "source")
        #expect(try varve.run("backup", varve.path("source")).status == 0)
        let folder = try #require(varve.entries("repository/packs/data").first)
        let pack = try #require(varve.entries("repository/packs/data/" + folder).first)
        let name = varve.path("repository/packs/data/\(folder)/\(pack)")
        var bytes = try File.contents(of: name, limit: 1 << 20)
        bytes[100] ^= 1
        try File.createOrTruncate(name).write(bytes)
        let verify = try varve.run("verify", "latest", "--json")
        #expect(verify.status == 20)
        #expect(verify.output.contains(#""valid":false"#))
        #expect(verify.errors.contains(pack))
        #expect(try varve.run("restore", "latest", "-t", varve.path("target")).status == 20)
        #expect(try varve.run("snapshot", "list").status == 0)
    }
}
