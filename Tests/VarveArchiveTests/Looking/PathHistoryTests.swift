import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("The history of a path")
struct PathHistoryTests {
    private let box: Sandbox
    private let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    private func history(_ name: String) throws -> PathHistory {
        let path = (box.source + "/" + name).split(separator: "/").map { Array($0.utf8) }
        return try VarveArchive.history(
            of: path, in: repository.state.snapshots, of: repository)
    }

    /// "1 created 2": when it began, what happened, how many snapshots have it.
    private func rows(_ versions: [PathHistory.Version]?) -> [String] {
        versions?.map { "\($0.snapshot.summary.time) \($0.change) \($0.count)" } ?? []
    }

    @Test("has a row for each version, and for each time it was gone")
    func versions() throws {
        var bytes = noise(900_000, seed: 1)
        try box.write("d/f", bytes)
        try box.snapshot(repository, time: 1)
        try box.snapshot(repository, time: 2)
        bytes[400_000] ^= 1
        try box.write("d/f", bytes)
        try box.snapshot(repository, time: 3)
        try File.openDirectory(box.source + "/d").setMode(Array("f".utf8), 0o600)
        try box.snapshot(repository, time: 4)
        try File.remove(box.source + "/d/f")
        try box.snapshot(repository, time: 5)
        try File.openDirectory(box.source + "/d").makeSymlink(to: Array("x".utf8), Array("f".utf8))
        try box.snapshot(repository, time: 6)
        try File.remove(box.source + "/d/f")
        try box.write("d/f", bytes)
        try box.snapshot(repository, time: 7)
        let found = try history("d/f")
        #expect(
            rows(found.hosts.first?.versions) == [
                "1 created 2", "3 changed 1", "4 metadata 1", "5 gone 1", "6 back 1", "7 type 1",
            ])
        let changed = try #require(found.hosts.first?.versions[1])
        #expect((1...262_144).contains(changed.bytesAdded))
        #expect(changed.bytesAdded == changed.bytesRemoved)
    }

    @Test("leaves out snapshots that did not look there")
    func otherSources() throws {
        try box.write("a/f", Array("one".utf8))
        try box.write("b/g", Array("two".utf8))
        try box.snapshot(repository, time: 1)
        var options = box.options(2)
        options.host = "host"
        _ = try takeSnapshot(of: .paths([box.source + "/b"]), into: repository, options)
        try File.remove(box.source + "/a/f")
        try box.snapshot(repository, time: 3)
        #expect(rows(try history("a/f").hosts.first?.versions) == ["1 created 1", "3 gone 1"])
        #expect(rows(try history("b/g").hosts.first?.versions) == ["1 created 3"])
        #expect(try history("nowhere").hosts.isEmpty)
    }

    @Test("is told host by host")
    func hosts() throws {
        try box.write("f", Array("one".utf8))
        try box.snapshot(repository, time: 1) { $0.host = "web1" }
        try box.snapshot(repository, time: 2) { $0.host = "web2" }
        try box.write("f", Array("two!".utf8))
        try box.snapshot(repository, time: 3) { $0.host = "web1" }
        let found = try history("f")
        #expect(found.hosts.map(\.host) == ["web1", "web2"])
        #expect(rows(found.hosts.first?.versions) == ["1 created 1", "3 changed 1"])
        #expect(rows(found.hosts.last?.versions) == ["2 created 1"])
    }
}
