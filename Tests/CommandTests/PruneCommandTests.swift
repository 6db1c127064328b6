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
