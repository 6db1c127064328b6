import Testing
import VarveSystem

@testable import varve

@Suite("Marking snapshots")
struct AmendingTests {
    private let varve: Program

    init() throws {
        varve = try Program()
        try varve.write("one\n", "a")
        try varve.run("init")
        for tag in ["x", "y"] { try varve.run("backup", varve.path("a"), "--tag", tag) }
    }

    private func records() throws -> Int { try varve.entries("repository/log").count }

    private func said(_ words: String...) throws -> String {
        let run = try varve.runAlone(
            words + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
        #expect(run.status == 0, "\(words): \(run.errors)")
        return DocumentedSession.shape(run.output)
    }

    @Test("pins them until they are unpinned, and says it once")
    func pins() throws {
        #expect(
            try said("snapshot", "pin", "latest", "latest~1")
                == "snapshot <id> is pinned\nsnapshot <id> is pinned\n")
        let before = try records()
        #expect(try said("snapshot", "pin", "latest") == "snapshot <id> was pinned already\n")
        #expect(try records() == before)
        #expect(try said("snapshots").contains(" pinned\n"))
        #expect(
            try said("snapshot", "unpin", "latest", "-n")
                == "dry run, nothing is changed: snapshot <id> is pinned no more\n")
        #expect(try said("snapshot", "show", "latest").contains("\npinned yes\n"))
        #expect(try said("snapshot", "unpin", "latest") == "snapshot <id> is pinned no more\n")
        #expect(try said("snapshot", "unpin", "latest") == "snapshot <id> was not pinned\n")
        #expect(try !said("snapshot", "show", "latest").contains("pinned"))
    }

    @Test("adds, removes and replaces tags")
    func tags() throws {
        func tags() throws -> String {
            let text = try varve.run("snapshot", "show", "latest", "--json").output
            return try #require(text.firstMatch(of: #/"tags":\[(.*?)\]/#).map { String($0.1) })
        }
        #expect(
            try said("tag", "--add", "a,b", "--add", "y", "--remove", "x", "latest")
                == "snapshot <id> has new tags\n")
        #expect(try tags() == #""y","a","b""#)
        let before = try records()
        #expect(
            try said("tag", "--add", "a", "latest") == "snapshot <id> has these tags already\n")
        _ = try said("tag", "-n", "--set", "n", "latest")
        #expect(try records() == before)
        _ = try said("tag", "--remove", "y,b", "latest")
        #expect(try tags() == #""a""#)
        _ = try said("tag", "--set", "p,q", "latest")
        #expect(try tags() == #""p","q""#)
        _ = try said("tag", "--set", "", "--tag", "x", "latest")
        #expect(try said("snapshots", "--tag", "x").contains("none of the 2 snapshots"))
        #expect(try tags() == #""p","q""#)
    }

    @Test("describes one anew")
    func descriptions() throws {
        #expect(
            try said("snapshot", "describe", "latest", "before the move")
                == "snapshot <id> is described anew\n")
        #expect(try said("snapshots").contains(" before the move\n"))
        #expect(
            try said("snapshot", "describe", "latest", "before the move")
                == "snapshot <id> is described so already\n")
        #expect(
            try said("snapshot", "describe", "latest", "") == "snapshot <id> has no description\n")
        #expect(try !said("snapshots").contains("before"))
        let json = try varve.run("snapshot", "describe", "latest", "x", "--json").output
        #expect(json.hasPrefix(#"{"message_type":"snapshot_changed","snapshot_id":""#))
        #expect(json.hasSuffix(#""changed":true,"dry_run":false}"# + "\n"))
    }

    @Test("changes none when one of them is none, or nothing says how")
    func refusals() throws {
        let before = try records()
        let missing = try varve.run("snapshot", "pin", "latest", "abc123")
        #expect(missing.status == 1)
        #expect(missing.errors.hasPrefix("varve: there is no snapshot 'abc123'; "))
        let long = String(repeating: "x", count: 40_000)
        for words in [
            ["snapshot", "pin"], ["snapshot", "pin", "latest:/a"], ["tag", "latest"],
            ["tag", "--set", "a", "--add", "b", "latest"], ["tag", "--add", ",", "latest"],
            ["snapshot", "describe", "latest"], ["tag", "--add", long, "--add", long, "latest"],
            ["snapshot", "describe", "latest", long + long],
        ] {
            let run = try varve.runAlone(
                words + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
            #expect(run.status == 64, "\(words.map { $0.prefix(20) }): \(run.errors)")
        }
        #expect(try records() == before)
        _ = try said("snapshot", "describe", "latest", long)
        let both = try varve.run("tag", "--add", long, "latest")
        #expect(both.status == 64)
        #expect(both.errors.contains("at most 64.0 KiB fit into a snapshot"))
    }
}
