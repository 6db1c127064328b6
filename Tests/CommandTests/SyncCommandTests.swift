import Testing
import VarveSystem

@testable import varve

@Suite("varve sync")
struct SyncCommandTests {
    /// A repository with two snapshots, and a place for others.
    private func varve() throws -> Program {
        let varve = try Program()
        for directory in ["home", "src"] { try File.makeDirectory(varve.path(directory)) }
        try varve.run("init")
        for generation in 0..<2 {
            try File.createOrTruncate(varve.path("src/a")).write(
                Array(String(repeating: "line \(generation)\n", count: 3_000).utf8))
            let run = try varve.run(
                "snapshot", "create", varve.path("src"), "--tag", "g\(generation)", "-q")
            #expect(run.status == 0, "\(run.errors)")
        }
        return varve
    }

    private func listed(_ varve: Program, _ name: String) throws -> Int {
        let run = try varve.runAlone(
            ["snapshots", "--json", "-r", varve.path(name), "--key-file", varve.path("key")])
        #expect(run.status == 0, "\(run.errors)")
        return run.output.ranges(of: "\"short_id\"").count
    }

    @Test("makes a destination that the same key opens, and copies what is chosen")
    func choices() throws {
        let varve = try varve()
        let second = varve.path("second")
        let dry = try varve.run("sync", second, "-n", "--tag", "g1")
        #expect(dry.status == 0 && dry.output.contains("would make the repository"))
        #expect(dry.output.contains("copied   1 snapshot\n"))
        #expect(throws: (any Error).self) { try File.status(of: second) }
        #expect(try varve.run("sync", second, "--tag", "g1").status == 0)
        #expect(try listed(varve, "second") == 1)
        #expect(try varve.run("sync", second, "--since", "2100-01-01").output.contains("is from"))
        #expect(try varve.run("copy", second, "--snapshot", "latest~1").status == 0)
        #expect(try listed(varve, "second") == 2)
        let run = try varve.runAlone([
            "check", "--read-data", "-r", second, "--key-file", varve.path("key"),
        ])
        #expect(run.status == 0, "\(run.output)\(run.errors)")
    }

    @Test("takes restic's words: the snapshots of another repository come to this one")
    func copy() throws {
        let varve = try varve()
        let made = try varve.runAlone([
            "init", "-r", varve.path("other"), "--key-file", varve.path("own"),
            "--like", varve.path("repository"), "--from-key-file", varve.path("key"),
        ])
        #expect(made.status == 0, "\(made.errors)")
        let run = try varve.runAlone([
            "copy", "-r", varve.path("other"), "--key-file", varve.path("own"), "--from-repo",
            varve.path("repository"), "--from-key-file", varve.path("key"), "latest",
        ])
        #expect(run.status == 0 && run.output.contains("anew"), "\(run.output)\(run.errors)")
        #expect(run.output.contains("copied   1 snapshot\n"))
    }

    @Test("of several destinations each is reported, and one that fails decides the exit status")
    func several() throws {
        let varve = try varve()
        let file = varve.path("file")
        try File.createOrTruncate(file).write([1])
        let run = try varve.run("sync", varve.path("b"), file, varve.path("c"), "--json")
        #expect(run.status == 10, "\(run.errors)")
        #expect(run.errors.contains(#""destination":"\#(file)""#))
        for name in ["b", "c"] {
            #expect(run.output.contains(#""destination":"\#(varve.path(name))""#))
            #expect(try listed(varve, name) == 2)
        }
    }

    @Test("says what makes no sense, and changes nothing")
    func refusals() throws {
        let varve = try varve()
        let other = varve.path("other")
        for (words, status, sentence) in [
            (["sync"], 64, "name a destination"),
            (["sync", varve.path("repository")], 64, "the repository itself"),
            (["sync", other, "--keep-last", "1"], 64, "rules are for --prune-destination"),
            (["sync", other, "--prune-destination"], 64, "needs rules"),
            (["sync", other, "--from-key-file", "x"], 64, "need --from-repo"),
            (["sync", other, "--until", "noon"], 64, "--until is 'noon'"),
            (["sync", other, "--snapshot", "nosuch"], 64, "names no snapshot"),
        ] as [([String], Int32, String)] {
            let run = try varve.runAlone(
                words + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
            #expect(run.status == status && run.errors.contains(sentence), "\(words) \(run)")
        }
        #expect(throws: (any Error).self) { try File.status(of: other) }
    }

    @Test("status shows each destination, what is missing there, and what is too old")
    func status() throws {
        let varve = try varve()
        let second = varve.path("second")
        #expect(try varve.run("sync", second, "--tag", "g0").status == 0)
        let run = try varve.run("status", "--max-age", "1h")
        #expect(run.status == 0 && run.output.contains("Missing"), "\(run.output)\(run.errors)")
        let json = try varve.run("status", "--json").output
        #expect(json.contains(#""snapshots_missing":1"#) && json.contains(#""reached":true"#))
        try File.rename(second, to: varve.path("elsewhere"))
        let gone = try varve.run("status", "--max-age", "1h")
        #expect(gone.status == 0 && gone.output.contains("not reached: there is no repository"))
        #expect(try varve.run("status", "--forget-destination", second).status == 0)
        #expect(try !varve.run("status").output.contains("Destination"))
    }

    @Test("rules at a destination forget there, and ask before most of a group goes")
    func rules() throws {
        let varve = try varve()
        let second = varve.path("second")
        #expect(try varve.run("sync", second).status == 0)
        try File.createOrTruncate(varve.path("src/a")).write([3])
        #expect(try varve.run("snapshot", "create", varve.path("src"), "-q").status == 0)
        let words = ["--prune-destination", "--keep-last", "1"]
        func sync(_ more: String...) throws -> Program.Run {
            try varve.runAlone(
                ["sync", second] + words + more
                    + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
        }
        let asked = try sync()
        #expect(asked.status == 1 && asked.errors.contains("--yes"), "\(asked)")
        #expect(try listed(varve, "second") == 2)
        let done = try sync("--yes")
        #expect(done.status == 0 && done.output.contains("forgot   2 snapshots"), "\(done)")
        #expect(try listed(varve, "second") == 1)
    }
}
