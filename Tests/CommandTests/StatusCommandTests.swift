import Testing
import VarveSystem

@testable import varve

@Suite("The command status")
struct StatusCommandTests {
    private let program: Program

    init() throws {
        program = try Program()
        try File.makeDirectory(program.path("tree"))
        try program.write("some text\n", "tree/file")
        try program.run("init")
    }

    @Test("shows the last snapshot of each source, and what this machine knows of checks")
    func table() throws {
        #expect(try program.run("status").output == "no snapshots\n")
        for host in ["a", "a", "b"] { try program.run("backup", program.path("tree"), "-H", host) }
        let run = try program.run("status")
        #expect(run.status == 0 && run.errors == "")
        let lines = run.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 5)
        #expect(lines[1].hasPrefix("a ") && lines[2].hasPrefix("b "))
        #expect(lines[1].hasSuffix(" 2  " + program.path("tree")))
        #expect(lines[3] == "checked  never, as far as this machine knows")
        #expect(lines[4] == "pruned   never")
        try program.run("check")
        try program.run("prune")
        let later = try program.run("status").output
        #expect(later.contains(" by this machine: no damage, no pack read\n"))
        #expect(!later.contains("pruned   never"))
        try program.run("check", "--read-data")
        #expect(try program.run("status").output.contains(" packs read since "))
    }

    @Test("fails when a source is too old, and names it")
    func age() throws {
        let none = try program.run("status", "--max-age", "1h")
        #expect(none.status == 1 && none.errors == "varve: there is no snapshot\n")
        try program.run("backup", program.path("tree"), "-H", "old", "--time", "2020-01-01")
        try program.run("backup", program.path("tree"), "-H", "new")
        #expect(try program.run("status").status == 0)
        let run = try program.run("status", "--max-age", "26h", "-q")
        #expect(run.status == 1 && run.output == "")
        #expect(run.errors.hasPrefix("varve: old \(program.path("tree")): the last snapshot is "))
        #expect(run.errors.hasSuffix(" days old\n"))
        #expect(run.errors.split(separator: "\n").count == 1, "and not the one that is new enough")
        #expect(try program.run("status", "--max-age", "3650d").status == 0)
        for wrong in ["0", "26", "1y", "-1h"] {
            #expect(try program.run("status", "--max-age", wrong).status == 64)
        }
    }

    @Test("fails when the newest snapshots lack something and the one before is too old")
    func incomplete() throws {
        try program.write("not JSON", "state.json")
        func take(_ words: String...) throws -> Int32? {
            let state = "json:" + program.path("state.json")
            let place = ["-r", program.path("repository"), "--key-file", program.path("key")]
            return try program.runAlone(["backup", program.path("tree"), state] + place + words)
                .status
        }
        #expect(try take() == 3)
        let never = try program.run("status", "--max-age", "1h")
        #expect(never.status == 1 && never.errors.contains("no snapshot is complete"), "\(never)")
        try program.write("{}", "state.json")
        #expect(try take("--time", "2020-01-01") == 0)
        let old = try program.run("status", "--max-age", "26h")
        #expect(old.status == 1 && old.errors.contains("the last complete snapshot is"), "\(old)")
        #expect(try take() == 0)
        #expect(try program.run("status", "--max-age", "26h").status == 0)
    }

    @Test("fails when damage is known")
    func damage() throws {
        try program.run("backup", program.path("tree"), "-H", "a")
        #expect(try program.run("status", "--max-age", "1h").status == 0)
        _ = try program.shell("rm $VARVE_REPOSITORY/packs/data/*/*")
        #expect(try program.run("check").status == 20)
        #expect(try program.run("status").status == 0)
        let found = try program.run("status", "--max-age", "1h")
        #expect(found.status == 1)
        #expect(found.errors.contains("the last check found damage: "))
        _ = try program.run("repair", "packs")
        _ = try program.run("repair", "snapshots")
        let marked = try program.run("status", "--max-age", "1h")
        #expect(marked.status == 1 && marked.errors.contains(": 1 snapshot damaged\n"))
    }

    @Test("fails when a size left its trend, and says so to programs")
    func trend() throws {
        for _ in 0..<3 { try program.run("backup", program.path("tree"), "-H", "a") }
        #expect(try program.run("status", "--max-age", "1h").status == 0)
        try program.write("", "tree/file")
        try program.run("backup", program.path("tree"), "-H", "a")
        let run = try program.run("status", "--max-age", "1h")
        #expect(run.status == 1 && run.output.contains("unusual size"))
        #expect(run.errors.hasSuffix(": the last snapshot has 0 B, 10 B are usual\n"))
        let json = try program.run("status", "--json")
        #expect(json.status == 0)
        #expect(json.output.hasPrefix(#"{"message_type":"source","hostname":"a","paths":["#))
        #expect(json.output.contains(#""size":0,"size_usual":10,"off_trend":true,"too_old":false"#))
        #expect(
            json.output.contains(#""message_type":"summary","sources_count":1,"last_check":null"#))
    }
}
