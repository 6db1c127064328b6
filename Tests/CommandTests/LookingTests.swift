import TestSupport
import Testing
import VarveSystem

@Suite("Looking into snapshots")
struct LookingTests {
    private let varve: Program

    /// Three snapshots of `tree`: a file is changed, then another one is removed.
    init() throws {
        varve = try Program()
        try File.makeDirectories(varve.path("tree/below"))
        try varve.write("one\ntwo\n", "tree/text")
        try varve.write("a\0b", "tree/below/binary")
        try varve.write("gone\n", "tree/gone")
        try varve.run("init")
        try varve.run("backup", varve.path("tree"))
        try varve.write("one\n2\n", "tree/text")
        try varve.write("a\0c", "tree/below/binary")
        try varve.run("backup", varve.path("tree"))
        try File.remove(varve.path("tree/gone"))
        try varve.run("backup", varve.path("tree"))
    }

    private func lines(_ run: Program.Run) -> [String] {
        run.output.replacing(varve.path("tree"), with: "").split(separator: "\n").map(String.init)
    }

    @Test("diff shows signs and texts, and says nothing when nothing differs")
    func diff() throws {
        let run = try varve.run("diff", "latest~2", "latest", "-p")
        #expect(run.status == 0 && run.errors == "")
        #expect(
            lines(run).prefix(12) == [
                "M    /below/binary",
                "Binary files a/below/binary and b/below/binary differ", "-    /gone",
                "--- a/gone", "+++ /dev/null", "@@ -1,1 +0,0 @@", "-gone", "M    /text",
                "--- a/text", "+++ b/text", "@@ -1,2 +1,2 @@", " one",
            ])
        #expect(try varve.run("diff", "latest", "latest").output == "no difference\n")
        #expect(try varve.run("diff", "latest", "latest", "-q").output == "")
    }

    @Test("diff prints JSON lines with a sum")
    func diffJSON() throws {
        let run = try varve.run("diff", "latest~1", "latest", "--json")
        let rows = run.output.split(separator: "\n")
        #expect(rows.count == 2 && rows[0].hasPrefix(#"{"message_type":"change","path":"/"#))
        #expect(
            rows.contains { $0.contains(#"/gone","modifier":"-","type":"file","old_size":5}"#) })
        #expect(rows.last?.hasPrefix(#"{"message_type":"statistics","changed_files":0,"#) == true)
    }

    @Test("diff --live compares with what is there now, and leaves out what it is told to")
    func live() throws {
        let same = try varve.run("diff", "latest", "--live", varve.path("tree"))
        #expect(same.status == 0 && same.output == "no difference\n")
        try varve.write("new\n", "tree/new")
        try varve.write("one\n2\n3\n", "tree/text")
        let run = try varve.run("diff", "latest", "--live", varve.path("tree"), "-e", "new", "-p")
        #expect(
            lines(run).prefix(4) == ["M    /text", "--- a/text", "+++ b/text", "@@ -1,2 +1,3 @@"])
        #expect(!run.output.contains("new"))
        let restored = varve.path("back")
        try varve.run("restore", "latest:" + varve.path("tree"), "--target", restored)
        let back = try varve.run(
            "diff", "latest:" + varve.path("tree"), "--live", restored, "--checksum")
        #expect(back.output == "no difference\n")
    }

    @Test("diff refuses what cannot be compared")
    func refusals() throws {
        #expect(try varve.run("diff", "latest").status == 64)
        #expect(try varve.run("diff", "latest", "latest", "--live", "/").status == 64)
        #expect(try varve.run("diff", "latest", "latest", "--checksum").status == 64)
        #expect(try varve.run("diff", "abc123", "latest").status == 1)
        let missing = try varve.run("diff", "latest:/nowhere", "latest")
        #expect(missing.status == 1)
        #expect(missing.errors == "varve: there is no /nowhere in this snapshot\n")
        let text = varve.path("tree/text")
        let kinds = try varve.run("diff", "latest:" + text, "latest")
        #expect(kinds.errors == "varve: a directory and a file have nothing to compare\n")
    }

    @Test("find shows each version with the snapshots that hold it")
    func find() throws {
        let run = try varve.run("find", "text", "gone")
        #expect(run.status == 0)
        let rows = lines(run)
        #expect(rows.count == 5 && rows[0].hasPrefix("First"))
        #expect(rows[1].hasSuffix("  /gone") && rows[1].contains("          2        5 B"))
        #expect(rows.last == "3 versions of 2 paths in 3 snapshots")
        let json = try varve.run("find", "gone", "--json").output.split(separator: "\n")
        #expect(json.count == 2 && json[0].contains(#""snapshots_count":2}"#))
        let like = try varve.run("find", "--like", varve.path("tree/text"))
        #expect(lines(like).last == "1 version of 1 path in 3 snapshots")
        let one = try varve.run("find", "text", "-s", "latest")
        #expect(lines(one).last == "1 version of 1 path in 1 snapshot")
        #expect(try varve.run("find", "nothing").output == "nothing found in 3 snapshots\n")
    }

    @Test("find refuses what makes no sense")
    func findRefusals() throws {
        for words in [[], ["[z"], ["--larger", "much"], ["--type", "x"], ["--newer", "soon"]] {
            let run = try varve.runAlone(
                ["find"] + words + [
                    "-r", varve.path("repository"), "--key-file", varve.path("key"),
                ])
            #expect(run.status == 64, "\(words)")
        }
        let like = try varve.run("find", "--like", varve.path("tree/nowhere"))
        #expect(like.status == 1 && like.errors.contains("cannot be read"))
        #expect(try varve.run("find", "x", "--host", "nobody").status == 1)
    }

    @Test("history has a row for each version, and the changes of a text")
    func history() throws {
        let text = try varve.run("snapshot", "history", varve.path("tree/text"), "-p")
        #expect(text.status == 0)
        #expect(
            lines(text).count { $0.hasSuffix("created") || $0.contains("changed  +6 B -8 B") } == 2)
        #expect(lines(text).suffix(4) == ["@@ -1,2 +1,2 @@", " one", "-two", "+2"])
        let gone = try varve.run("snapshot", "history", varve.path("tree/gone"), "--json")
        #expect(gone.output.split(separator: "\n").last?.contains(#""change":"gone""#) == true)
        let missing = try varve.run("snapshot", "history", "/nowhere")
        #expect(missing.status == 1)
        #expect(missing.errors == "varve: there is no /nowhere in 3 snapshots\n")
    }

    @Test("stats --unique and forget -n say what snapshots occupy")
    func unique() throws {
        let stats = lines(try varve.run("stats", "--unique"))
        #expect(stats.count == 6 && stats[0].hasPrefix("ID        Time"))
        #expect(stats[4].hasSuffix("that several snapshots need"))
        let json = try varve.run("stats", "--unique", "--json").output
        #expect(json.matches(of: #/"unique_size_packed":[1-9]/#).count == 3)
        let dry = try varve.run("forget", "latest~2", "-n")
        #expect(dry.output.contains("`varve prune` would then free about "))
        #expect(
            try varve.run("forget", "latest~2", "-n", "--json").output.contains(
                #/"freed_bytes":[1-9]/#))
    }

    @Test("history tells what else a path may have meant")
    func hints() throws {
        let history = { (path: String) in
            try varve.shell("cd \(varve.path("tree")) && exec \"$varve\" snapshot history \(path)")
        }
        let here = try history("text")
        #expect(here.status == 1 && here.errors.contains("is \(varve.path("tree"))/text\n"))
        #expect(try history("latest:/text").errors.contains("name the path alone"))
        let neither = try history("nothing")
        #expect(neither.errors.hasSuffix("there is no /nothing in 3 snapshots\n"))
    }

    @Test("find takes types in one word, with commas or without")
    func types() throws {
        for types in ["d,f", "df"] {
            let run = try varve.run("find", "*", "--type", types)
            #expect(run.status == 0 && lines(run).contains { $0.hasSuffix("/below") }, "\(run)")
            #expect(lines(run).contains { $0.hasSuffix("/text") })
        }
    }

    @Test("damage is named, and the exit status says so")
    func damage() throws {
        let lost = try varve.shell("rm $VARVE_REPOSITORY/packs/meta/*/*")
        #expect(lost.status == 0)
        for words in [["find", "text"], ["snapshot", "history", "/x"], ["stats", "--unique"]] {
            let run = try varve.runAlone(
                words + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
            #expect(run.status == 20, "\(words)")
            #expect(run.errors.contains("damaged"), "\(words)")
        }
    }
}
