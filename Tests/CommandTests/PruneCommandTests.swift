import Testing
import VarveSystem

@Suite("The command prune")
struct PruneCommandTests {
    private let varve: Program

    /// Two snapshots, of which the first holds what the second does not.
    init() throws {
        varve = try Program()
        try varve.write("one\n", "a")
        try varve.write(String(repeating: "only in the first\n", count: 9_000), "b")
        try varve.run("init", "--grace-period", "2d")
        try varve.run("backup", varve.path("a"), varve.path("b"))
        try File.remove(varve.path("b"))
        try varve.run("backup", varve.path("a"))
    }

    @Test("condemns what nothing needs, says when it goes, and does the same only once")
    func condemns() throws {
        #expect(try varve.run("forget", "latest~1").status == 0)
        let plan = try varve.run("prune", "-n")
        #expect(plan.output.hasPrefix("dry run, nothing is changed\nremoved    0 packs, 0 B\n"))
        #expect(plan.output.contains("; a prune in 2 days removes them\n"))
        let run = try varve.run("prune")
        #expect(run.status == 0 && run.errors == "")
        let lines = run.output.split(separator: "\n")
        #expect(lines[1].hasPrefix("condemned  ") && !lines[1].hasPrefix("condemned  0"))
        #expect(try varve.run("prune").output.contains("condemned  0 packs, 0 B\n"))
        #expect(try varve.run("verify", "latest").status == 0)
    }

    @Test("with --now removes it at once, and what is left is whole")
    func now() throws {
        let before = try stored()
        let run = try varve.run("forget", "latest~1", "--prune")
        #expect(run.output.contains("forgot 1 snapshot, 1 stay"))
        #expect(run.output.contains("condemned  "))
        let summary = try varve.run("prune", "--now", "--max-unused", "0", "--json").output
        #expect(summary.contains(#""message_type":"summary""#))
        #expect(!summary.contains(#""packs_removed":0"#))
        #expect(try stored() < before)
        #expect(try varve.run("verify", "latest").status == 0)
        #expect(try varve.run("dump", "latest:" + varve.path("a")).output == "one\n")
    }

    /// The values of some fields of the summary.
    private func amounts(_ words: String...) throws -> [String] {
        let output = try varve.runAlone(
            words + ["--json", "-r", varve.path("repository"), "--key-file", varve.path("key")]
        ).output
        let line = try #require(output.split(separator: "\n").last)
        return line.split { "{},".contains($0) }.map(String.init).filter { field in
            ["_removed\"", "_condemned\"", "_revived\""].contains(where: field.contains)
        }.sorted()
    }

    @Test("says in a dry run what the real one then says, with --now, too")
    func dryRun() throws {
        try varve.run("forget", "latest~1")
        let planned = try amounts("prune", "-n", "--now", "--max-unused", "0")
        #expect(planned.count == 5)
        #expect(!planned.contains(#""packs_removed":0"#))
        #expect(try amounts("prune", "-n", "--max-unused", "0").contains(#""packs_removed":0"#))
        let text = try varve.run("prune", "-n", "--now", "--max-unused", "0").output
        #expect(!text.contains("removes them"))
        #expect(try amounts("prune", "--now", "--max-unused", "0") == planned)
    }

    @Test("with -v names each pack and what becomes of it, also as JSON")
    func packs() throws {
        try varve.run("forget", "latest~1")
        let packs = try varve.entries("repository/packs/data").count
        let text = try varve.run("prune", "-n", "-v").output
        #expect(text.split(separator: "\n").count { $0.contains("  data  ") } == packs)
        let json = try varve.run("prune", "-n", "-v", "--json").output.split(separator: "\n")
        let lines = json.filter { $0.contains(#""message_type":"pack""#) }
        #expect(lines.count { $0.contains(#""contents":"data""#) } == packs)
        #expect(lines.allSatisfy { $0.contains(#""reason":""#) && $0.contains(#""fate":""#) })
        #expect(json.last?.contains(#""message_type":"summary""#) == true)
        #expect(!(try varve.run("prune", "-n", "--json").output.contains(#""pack""#)))
    }

    @Test("without a grace period it is the next prune that removes what is condemned")
    func noGrace() throws {
        let other = try Program()
        try other.write("one\n", "a")
        try other.run("init", "--grace-period", "0d")
        try other.run("backup", other.path("a"))
        try other.run("forget", "latest")
        #expect(try other.run("prune", "-n").output.contains("; the next prune removes them\n"))
    }

    @Test("exits with 20, and says what it is, when what it is to write anew is damaged")
    func damaged() throws {
        for round in 0..<9 {
            try varve.write("\(round)\n", "a")
            try varve.run("backup", varve.path("a"))
        }
        let pack = try varve.shell("ls $VARVE_REPOSITORY/packs/data/*/* | head -n 1").output
        let name = String(try #require(pack.split(separator: "\n").first))
        _ = try varve.shell(
            "chmod u+w \(name); printf xxxx | dd of=\(name) bs=1 seek=70 conv=notrunc")
        let run = try varve.run("prune", "--max-unused", "0")
        #expect(run.status == 20)
        #expect(run.errors.contains("packs/data/") && run.errors.contains("varve repair packs"))
        #expect(run.output.contains("condemned  0 packs"))
        let json = try varve.run("prune", "--max-unused", "0", "--json")
        #expect(json.status == 20)
        #expect(json.output.contains(#""damaged":["packs/data/"#))
    }

    @Test("refuses amounts that are none")
    func amounts() throws {
        for words in [
            ["--max-unused", "much"], ["--max-unused", "101%"], ["--max-repack-size", "-1"],
        ] {
            #expect(try varve.runAlone(["prune"] + words).status == 64)
        }
        #expect(try varve.runAlone(["init", "--grace-period", "soon"]).status == 64)
    }

    /// Bytes of all packs.
    private func stored() throws -> Int {
        let output = try varve.shell("cat $VARVE_REPOSITORY/packs/*/*/* | wc -c").output
        return try #require(Int(output.prefix { $0.isNumber }))
    }
}
