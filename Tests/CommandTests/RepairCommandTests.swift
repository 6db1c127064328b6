import Testing
import VarveSystem

@Suite("The command repair")
struct RepairCommandTests {
    private let varve: Program

    init() throws {
        varve = try Program()
        try File.makeDirectory(varve.path("tree"))
        for number in 0..<3 { try varve.write("number \(number)\n", "tree/\(number)") }
        try varve.run("init")
        try varve.run("backup", varve.path("tree"))
    }

    private func harm(_ script: String) throws {
        #expect(try varve.shell("cd $VARVE_REPOSITORY; " + script).errors == "")
    }

    @Test("has nothing to do when nothing is damaged")
    func nothing() throws {
        let before = try varve.shell("find $VARVE_REPOSITORY -type f | sort | xargs sha256sum")
        for (command, answer) in [
            ("log", "nothing to mend in the log\n"), ("index", "nothing to mend in the index\n"),
            ("snapshots", "nothing to mark\n"),
        ] {
            let run = try varve.run("repair", command)
            #expect(run.status == 0 && run.errors == "" && run.output == answer)
        }
        let packs = try varve.run("repair", "packs")
        #expect(packs.status == 0 && packs.output.hasSuffix("nothing to mend in the packs\n"))
        let after = try varve.shell("find $VARVE_REPOSITORY -type f | sort | xargs sha256sum")
        #expect(before.output == after.output)
    }

    @Test("makes whole twice what is kept twice")
    func copies() throws {
        try harm("rm varve.json keys/*.copy log/*0; echo x >log/00000000000000000001.copy")
        let run = try varve.run("repair", "log")
        #expect(run.status == 0 && run.errors == "")
        #expect(run.output == "copied     4 objects of which one of two copies was whole\n")
        let check = try varve.run("check")
        #expect(check.status == 0 && !(check.output + check.errors).contains("copy"))
        #expect(try varve.run("repair", "log").output == "nothing to mend in the log\n")
    }

    @Test("mends the index")
    func index() throws {
        try harm("rm index/*")
        #expect(try varve.run("check").status == 20)
        let plan = try varve.run("repair", "index", "-n")
        #expect(plan.output.contains("dry run, nothing is changed\nsegments   1 cannot be read\n"))
        #expect(try varve.run("check").status == 20)
        let run = try varve.run("repair", "index")
        #expect(run.status == 0 && run.output.hasSuffix("\nnamed      2 packs\n"))
        #expect(try varve.run("check", "--read-data").status == 0)
        #expect(try varve.run("verify", "latest").status == 0)
        #expect(try varve.run("stats").status == 0)
    }

    @Test("says what is lost, marks it, and the next snapshot heals it")
    func packs() throws {
        try harm("rm packs/data/*/*")
        let run = try varve.run("repair", "packs")
        #expect(run.status == 20)
        #expect(run.output.contains("damaged: packs/data/"))
        #expect(run.output.contains("\nlost       3 chunks in them\n"))
        #expect(run.errors.hasPrefix("varve: 3 chunks that snapshots need are lost; "))
        let marks = try varve.run("repair", "snapshots")
        #expect(marks.status == 20 && marks.output.contains("\nmarked     "))
        #expect(try varve.run("snapshots").output.contains("damaged"))
        let restored = try varve.run("restore", "latest", "-t", varve.path("back"))
        #expect(restored.status == 20)
        #expect(restored.errors.contains(" is known to be damaged: cannot be restored: "))
        let healed = try varve.run("backup", varve.path("tree"), "--skip-if-unchanged")
        #expect(healed.status == 0)
        #expect(healed.errors.contains("3 chunks are lost; files that need them are read again"))
        let cleared = try varve.run("repair", "snapshots")
        #expect(cleared.status == 0 && cleared.output.contains("it is whole again"))
        #expect(try varve.run("check", "--read-data").status == 0)
        #expect(try varve.run("verify", "latest~1").status == 0)
    }

    @Test("asks before it gives up every pack: a disk may not be mounted")
    func elsewhere() throws {
        try harm("mv packs elsewhere")
        let run = try varve.run("repair", "packs")
        #expect(run.status == 1)
        #expect(run.errors.contains("not one of 2 packs is in the repository"))
        try harm("mv elsewhere packs")
        #expect(try varve.run("check", "--read-data").status == 0)
        try harm("mv packs elsewhere")
        #expect(try varve.run("repair", "packs", "--yes").status == 20)
        #expect(try varve.run("check").status == 20)
    }

    @Test("fetches from another repository what is lost")
    func sibling() throws {
        _ = try varve.shell("cp -r $VARVE_REPOSITORY ${HOME%/*}/second")
        try harm("rm packs/*/*/*")
        let run = try varve.run(
            "repair", "packs", "--from", varve.path("second"), "--json")
        #expect(run.status == 0)
        #expect(run.output.contains(#""chunks_missing":0"#))
        #expect(try varve.run("verify", "latest").status == 0)
        let alone = ["repair", "packs", "--from-key-file", "x"]
        #expect(try varve.runAlone(alone).status == 64)
    }

    @Test("builds a log anew, and varve.json with it")
    func log() throws {
        try varve.run("backup", varve.path("tree"))
        try harm("rm log/*1 log/*1.copy varve.json varve.json.copy")
        #expect(try varve.run("snapshots").status == 20)
        let plan = try varve.run("repair", "log", "-n")
        #expect(plan.status == 0 && plan.output.contains("\nmended     in record 3: 2 snapshots\n"))
        #expect(try varve.run("snapshots").status == 20)
        let run = try varve.run("repair", "log")
        #expect(run.status == 0 && run.output.contains("\nlost       1 record: 1\n"))
        #expect(run.errors.contains("snapshots that they forgot may be back"))
        #expect(try varve.run("check", "--read-data").status == 0)
        #expect(try varve.run("verify", "latest~1").status == 0)
    }
}
