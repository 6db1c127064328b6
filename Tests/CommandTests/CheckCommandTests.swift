import Testing
import VarveMaintenance
import VarveSystem

@testable import varve

@Suite("The command check")
struct CheckCommandTests {
    private let program: Program

    init() throws {
        program = try Program()
        try File.makeDirectory(program.path("tree"))
        for number in 0..<7 { try program.write("number \(number)\n", "tree/\(number)") }
        try program.run("init")
        try program.run("backup", program.path("tree"))
    }

    @Test("says that nothing is damaged, and how much it looked at")
    func whole() throws {
        let quick = try program.run("check")
        #expect(quick.status == 0 && quick.errors == "")
        #expect(quick.output == "no damage found: 1 snapshot, 2 packs\n")
        let full = try program.run("check", "--read-data")
        #expect(full.output.hasPrefix("no damage found: 1 snapshot, 2 packs, 2 of them read, "))
        let part = try program.run("check", "--read-data-subset", "1/2")
        #expect(part.output.contains("2 packs, 1 of them read, "))
        #expect(try program.run("check", "-q").output == "")
    }

    @Test("a second copy that is gone is a warning, and the exit status 0")
    func warning() throws {
        _ = try program.shell("rm $VARVE_REPOSITORY/varve.json.copy")
        let run = try program.run("check")
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("warning: varve.json: its second copy: "))
        #expect(run.output.contains("\nno damage found: "))
    }

    @Test("damage is told with the files it takes with it, a few or all, and ends with 20")
    func damage() throws {
        _ = try program.shell("rm $VARVE_REPOSITORY/packs/data/*/*")
        let run = try program.run("check")
        #expect(run.status == 20)
        let lines = run.output.split(separator: "\n")
        #expect(lines[0].hasPrefix("damaged: packs/data/") && lines[0].hasSuffix("it is missing"))
        #expect(run.output.contains(" cannot be restored whole:\n  \(program.path("tree/0"))\n"))
        #expect(run.output.contains(": 2 more; -v shows all\n"))
        #expect(!run.output.contains(program.path("tree/6")))
        #expect(run.errors.hasPrefix("varve: damage found: "))
        let all = try program.run("check", "-v").output
        #expect(all.contains("  \(program.path("tree/6"))\n") && !all.contains(" more;"))
        let json = try program.run("check", "--json")
        #expect(json.status == 20)
        #expect(json.output.contains(#""message_type":"finding","weight":"damage""#))
        #expect(json.output.contains(#""kind":"file","path":"\#(program.path("tree/6"))""#))
        #expect(json.output.contains(#""message_type":"summary","num_errors":2"#))
    }

    @Test("amounts are a part, a percentage or a size")
    func amounts() throws {
        #expect(try Check.selection("1/5") == .part(of: 5))
        #expect(try Check.selection("2.5%") == .percent(2.5))
        #expect(try Check.selection("10G") == .bytes(10 << 30))
        for text in ["2/5", "1/0", "0%", "101%", "0", "much", "-1"] {
            #expect(throws: (any Error).self) { try Check.selection(text) }
        }
        let both = ["check", "--read-data", "--read-data-subset", "1/2"]
        #expect(try program.runAlone(both).status == 64)
    }
}
