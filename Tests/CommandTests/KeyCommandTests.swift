import TestSupport
import Testing
import VarveSystem

@testable import varve

@Suite("Commands that change keys")
struct KeyCommandTests {
    private let varve: Program

    init() throws {
        varve = try Program()
        try varve.run("init")
        try File.makeDirectory(varve.path("data"))
        try File.createExclusively(varve.path("data/file")).write(
            [UInt8](repeating: 7, count: 90_000))
        try varve.run("snapshot", "create", varve.path("data"))
    }

    private func addPassphrase(_ text: String, label: String) throws -> String {
        let path = varve.path(label)
        try File.createExclusively(path).write(Array(text.utf8))
        let run = try varve.run(
            "key", "add", "--new-passphrase-file", path, "--label", label, "--json")
        return try #require(run.output.firstMatch(of: /"id":"([0-9a-f]{32})"/)).1.description
    }

    @Test("begin an epoch, and say what older ones still seal")
    func rotate() throws {
        let run = try varve.run("key", "rotate", "--json")
        #expect(
            run.output == "{\"message_type\":\"key_rotated\",\"epochs\":2,\"dry_run\":false}\n")
        let short = try varve.run("key", "rotate", "--rewrite", "--max-repack-size", "1")
        #expect(short.output.contains("left       2 packs"))
        let json = try varve.run("key", "rotate", "--rewrite", "--json")
        #expect(json.output.contains("\"message_type\":\"old_epochs\",\"packs\":0,"))
        #expect(try varve.run("snapshot", "verify", "latest").status == 0)
        #expect(try varve.run("key", "rotate", "--max-repack-size", "1G").status == 64)
    }

    @Test(
        "do not remove the key in use, and take what goes with a stolen one for wrong usage alone")
    func refused() throws {
        let id = try addPassphrase("one", label: "one")
        let list = try varve.run("key", "list").output.split(separator: "\n")
        let own = try #require(list.first { $0.contains("key-file") }).prefix(8)
        let run = try varve.run("key", "remove", String(own))
        #expect(run.status == 11 && run.errors.contains("key in use"))
        #expect(try varve.run("key", "remove", id, "--yes").status == 64)
        #expect(
            try varve.run("key", "remove", id, "--keep-key-file", varve.path("key")).status == 64)
    }

    @Test(
        "take an empty passphrase of a new key for wrong usage, of one that is there for a wrong key"
    )
    func empty() throws {
        try varve.write("\n", "empty")
        let empty = varve.path("empty")
        for words in [["key", "add"], ["key", "passwd"]] {
            for option in [
                ["--new-passphrase-file", empty], ["--new-passphrase-command", "echo"],
            ] {
                let run = try varve.runAlone(
                    words + option
                        + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
                #expect(run.status == 64 && run.errors.contains(" is empty"), "\(words) \(option)")
            }
        }
        let made = try varve.runAlone(["init", "-r", varve.path("other"), "-p", empty])
        #expect(made.status == 64 && made.errors.contains(" is empty"))
        let variable = try varve.runAlone(
            ["init", "-r", varve.path("other")], ["VARVE_PASSPHRASE": "\n"])
        #expect(variable.status == 64 && variable.errors.contains("VARVE_PASSPHRASE is empty"))
        #expect(throws: SystemError.self) { try File.status(of: varve.path("other")) }
        let opened = try varve.runAlone(["snapshots", "-r", varve.path("repository"), "-p", empty])
        #expect(opened.status == 12 && opened.errors.contains(" is empty"))
    }

    @Test("replace what a stolen key protects; no secret is shown")
    func compromised() throws {
        let stolen = try addPassphrase("stolen words", label: "stolen")
        _ = try addPassphrase("friendly words", label: "friend")
        let absent = try addPassphrase("absent words", label: "absent")
        let words = ["key", "remove", stolen, "--compromised", "--json"]
        let common = ["-r", varve.path("repository"), "--key-file", varve.path("key")]
        let asked = try varve.runAlone(words + common)
        #expect(asked.status == 1 && asked.errors.contains("nothing was changed"))
        let run = try varve.runAlone(
            words + common + ["--keep-passphrase-file", varve.path("friend"), "--yes"])
        #expect(run.status == 0)
        #expect(run.output.contains("\"dropped\":[\"\(absent)\"]"))
        for (name, status) in [("friend", Int32(0)), ("stolen", 12), ("absent", 12)] {
            let list = try varve.runAlone([
                "snapshot", "list", "-r", varve.path("repository"), "-p", varve.path(name),
            ])
            #expect(list.status == status, "\(name)")
        }
        #expect(!(run.output + run.errors + asked.errors).contains("words"))
    }

    @Test("ask at a terminal for the passphrases of the others")
    func asking() throws {
        let stolen = try addPassphrase("stolen words", label: "stolen")
        _ = try addPassphrase("friendly words", label: "friend")
        _ = try addPassphrase("absent words", label: "absent")
        // Answers each question once it is asked.
        let script = """
            import os, pty, sys
            child, terminal = pty.fork()
            if not child:
                os.execvp(os.environ["varve"], ["varve", "key", "remove", sys.argv[1], "--compromised"])
            text = b""
            answers = {b"(friend), or": b"friendly words\\n", b"(absent), or": b"\\n", b"[y/N]": b"y\\n"}
            while True:
                try:
                    text += os.read(terminal, 4096)
                except OSError:
                    break
                for question in [q for q in answers if q in text and text.rstrip().endswith((b":",))]:
                    os.write(terminal, answers.pop(question))
                    break
            print(text.decode())
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """
        try File.createExclusively(varve.path("ask.py")).write(Array(script.utf8))
        let run = try varve.shell("python3 \(varve.path("ask.py")) \(stolen)")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("these keys go, too:") && !run.output.contains("words"))
        for (name, status) in [("friend", Int32(0)), ("stolen", 12), ("absent", 12)] {
            let list = try varve.runAlone([
                "snapshot", "list", "-r", varve.path("repository"), "-p", varve.path(name),
            ])
            #expect(list.status == status, "\(name)")
        }
    }
}
