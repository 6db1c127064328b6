import Testing
import VarveSystem

@testable import varve

@Suite("Forgetting snapshots")
struct ForgetTests {
    private let varve: Program

    /// Six snapshots of one source, tagged t1 to t6.
    init() throws {
        varve = try Program()
        try varve.write("one\n", "a")
        try varve.run("init")
        for count in 1...6 { try varve.run("backup", varve.path("a"), "--tag", "t\(count)") }
    }

    /// The tags of the snapshots that are there, in order.
    private var tags: [String] {
        get throws {
            let list = try varve.run("snapshots", "--json").output
            return list.matches(of: #/"tags":\["([^\]]*)"\]/#).map { String($0.output.1) }
        }
    }

    @Test("by rules shows what stays with the reasons, what goes, and a sum")
    func rules() throws {
        let run = try varve.run("forget", "--keep-last", "4")
        #expect(run.status == 0 && run.errors == "")
        let lines = run.output.split(separator: "\n").map { DocumentedSession.shape(String($0)) }
        #expect(lines[0].hasPrefix("snapshots of \(varve.path("a")) on "))
        #expect(
            lines.dropFirst() == [
                "keep 4:", "ID Time Tags Kept because", "<id> <time> t3 last snapshot",
                "<id> <time> t4 last snapshot", "<id> <time> t5 last snapshot",
                "<id> <time> t6 last snapshot, newest commit", "forget 2:", "ID Time Tags",
                "<id> <time> t1", "<id> <time> t2", "forgot 2 snapshots, 4 stay",
            ])
        #expect(try tags == ["t3", "t4", "t5", "t6"])
        let again = try varve.run("forget", "--keep-last", "4")
        #expect(again.output.hasSuffix("\nforgot 0 snapshots, 4 stay\n"))
    }

    @Test("takes a yes when more than half would go, and a dry run says so")
    func yes() throws {
        let refused = try varve.run("forget", "-l", "2")
        #expect(refused.status == 1)
        #expect(refused.errors.hasPrefix("varve: this would forget 4 of the 6 snapshots of "))
        #expect(refused.errors.hasSuffix("nothing was changed; `--yes` says that it is meant\n"))
        let dry = try varve.run("forget", "-l", "2", "-n")
        #expect(dry.status == 0)
        #expect(
            dry.output.contains(
                "dry run, nothing is changed: would forget 4 snapshots, 2 stay\n"
                    + "`varve prune` would then free about "))
        #expect(dry.output.hasSuffix("\nmore than half of a group would go: it takes `--yes`\n"))
        #expect(try tags.count == 6)
        #expect(try varve.run("forget", "-l", "2", "--yes", "-q").output == "")
        #expect(try tags == ["t5", "t6"])
    }

    @Test("by name takes all of them or none, and no pinned one")
    func names() throws {
        #expect(try varve.run("snapshot", "pin", "latest~5").status == 0)
        let pinned = try varve.run("forget", "latest", "latest~5")
        #expect(pinned.status == 1)
        #expect(pinned.errors.contains(" is pinned, nothing was forgotten; `varve snapshot unpin "))
        #expect(try varve.run("forget", "latest", "abc123").status == 1)
        #expect(try varve.run("forget", "latest:/a").status == 64)
        #expect(try varve.run("forget", "latest", "-n").output.contains(" 1 snapshot, 5 stay\n"))
        #expect(try tags.count == 6)
        let run = try varve.run("forget", "latest", "latest~0", "latest~2")
        #expect(run.output.hasSuffix("forgot 2 snapshots, 4 stay\n"))
        #expect(try tags == ["t1", "t2", "t3", "t5"])
        let rules = try varve.run("forget", "-l", "1", "--yes")
        #expect(rules.output.contains("  t1    pinned\n"))
        #expect(try tags == ["t1", "t5"])
    }

    @Test("knows the rules and short options of restic")
    func options() throws {
        let all = try varve.run(
            "forget", "-H", "1", "-d", "1", "-w", "1", "-m", "1", "-y", "1", "-n")
        #expect(all.output.contains("hourly snapshot, daily snapshot, weekly snapshot, monthly "))
        for words in [
            ["--keep-within", "1h"], ["--keep-within-hourly", "1d", "-n"], ["-l", "unlimited"],
            ["--keep-tag", "t1", "--keep-tag", "t2,t3", "--keep-last", "0", "-n"],
            ["-l", "3", "-g", "host"], ["-l", "3", "--group-by", "paths,tags"],
            ["-l", "3", "--group-by", ""], ["-l", "1", "--host", "nobody"],
        ] {
            let run = try varve.runAlone(
                ["forget", "-r", varve.path("repository"), "--key-file", varve.path("key")] + words)
            #expect(run.status == 0, "\(words): \(run.errors)")
        }
    }

    @Test("says when nothing is meant")
    func nothing() throws {
        let run = try varve.run("forget", "-l", "1", "--host", "nobody")
        #expect(run.status == 0)
        #expect(run.output == "none of the 6 snapshots matches --host nobody\n")
    }

    @Test(
        "that makes no sense is wrong usage",
        arguments: [
            [], ["-l", "0"], ["-l", "x"], ["-l", "1", "latest"], ["--keep-within", "3"],
            ["--keep-within", "0d"], ["--keep-tag", ","], ["-l", "1", "-g", "colour"],
            ["-l", "1", "--pruned"], ["-l", "1", "--compact"], ["-l", "1", "--path", "/"], ["zz"],
        ])
    func senseless(_ words: [String]) throws {
        let run = try varve.runAlone(
            ["forget", "-r", varve.path("repository"), "--key-file", varve.path("key")] + words)
        #expect(run.status == 64, "\(words)")
        #expect(run.errors.hasPrefix("varve: "))
        #expect(try tags.count == 6)
    }

    @Test("judges what was dated by hand apart")
    func datedByHand() throws {
        for day in 1...3 { try varve.run("backup", varve.path("a"), "--time", "2030-01-0\(day)") }
        let run = try varve.run("forget", "--keep-last", "3")
        #expect(run.output.contains(", dated by hand\nkeep 3:\n"))
        #expect(run.output.hasSuffix("forgot 3 snapshots, 6 stay\n"))
    }

    @Test("prints groups and a summary as JSON")
    func json() throws {
        let run = try varve.run("forget", "--json", "-l", "4", "--keep-tag", "t1", "-n")
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix(#"{"message_type":"group","host":""#))
        #expect(lines[0].contains(#""tags":null,"dated_by":"storage","keep":[{"id":""#))
        #expect(lines[0].contains(#""matches":["tag t1"]"#))
        #expect(lines[1].hasPrefix(#"{"message_type":"summary","snapshots_forgotten":1,"#))
        // Directories above the source change while other tests run, so a little may be one snapshot's own.
        #expect(lines[1].contains(#/"dry_run":true,"freed_bytes":[0-9]+}$/#))
        let refused = try varve.run("forget", "--json", "-l", "1")
        #expect(refused.status == 1)
        #expect(refused.errors.hasPrefix(#"{"message_type":"exit_error","code":1,"#))
    }
}
