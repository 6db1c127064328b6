import Testing
import VarveArchive
import VarveFormat
import VarveSystem

@Suite("A tar archive")
struct TarRoundTripTests {
    let bench: ArchiveBench
    let tree: SampleTree

    init() throws {
        bench = try ArchiveBench()
        tree = try bench.storeSample()
    }

    @Test("is read back by GNU tar with every attribute")
    func gnu() throws {
        let target = try bench.directory()
        let run = try ArchiveBench.run(
            "tar", "--xattrs", "--xattrs-include=*", "--acls", "-xpf", try bench.archive("tree"),
            "-C", target)
        #expect(run.status.isSuccess, "\(run.errors)")
        let expected = try EveryAttribute(below: tree.path)
        let found = try EveryAttribute(below: target)
        #expect(found.differences(from: expected) == [])
    }

    @Test("is read back by bsdtar with every attribute but the directory's own time")
    func bsd() throws {
        let target = try bench.directory()
        let run = try ArchiveBench.run("bsdtar", "-xpf", try bench.archive("tree"), "-C", target)
        #expect(run.status.isSuccess, "\(run.errors)")
        var expected = try EveryAttribute(below: tree.path)
        var found = try EveryAttribute(below: target)
        // It takes the whole seconds of a time before 1970 and adds the fraction.
        for name in [".", SampleTree.fraction] {
            expected.forget("time", of: name)
            found.forget("time", of: name)
        }
        #expect(found.differences(from: expected) == [])
    }

    @Test("of a part of a tree holds files whose first name lies elsewhere")
    func part() throws {
        let target = try bench.directory()
        let archive = try bench.archive("tree/sticky")
        #expect(try ArchiveBench.run("tar", "-xpf", archive, "-C", target).status.isSuccess)
        let text = try File.contents(of: tree.path + "/text", limit: 1 << 20)
        #expect(try File.contents(of: target + "/one more name", limit: 1 << 20) == text)
    }

    @Test("of a whole snapshot holds the tree without attributes of its root")
    func whole() throws {
        let run = try ArchiveBench.run("tar", "-tf", try bench.archive())
        #expect(run.output.hasPrefix("tree/\ntree/acl"))
    }

    @Test("has no sockets, and says so")
    func sockets() throws {
        try HandmadeSnapshot.store(in: bench.repository, time: 2) { _ in
            [Node(kind: .socket, name: Array("socket".utf8))]
        }
        let archive = try bench.archive()
        #expect(try ArchiveBench.run("tar", "-tf", archive).output == "")
        #expect(bench.noted == ["socket: a socket is left out: no archive keeps one"])
    }
}
