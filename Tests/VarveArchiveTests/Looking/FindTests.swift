import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("Finding", .timeLimit(.minutes(60)))
struct FindTests {
    private let box: Sandbox
    private let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    private func find(
        _ patterns: [String], ignoringCase: Bool = false,
        _ change: (inout FindQuery) throws -> Void = { _ in }
    ) throws -> FindReport {
        var query = FindQuery()
        for pattern in patterns {
            try query.add(Array(pattern.utf8), ignoringCase: ignoringCase)
        }
        try change(&query)
        return try VarveArchive.find(query, in: repository.state.snapshots, of: repository)
    }

    /// "a 1-3 (3)": what was found below the source, and in which snapshots.
    private func rows(_ report: FindReport) -> [String] {
        report.versions.map { version in
            let holders = version.holders
            return
                "\(box.name(version.path)) \(holders.first + 1)-\(holders.last + 1) (\(holders.count))"
        }
    }

    @Test("shows each version once, with the snapshots that hold it")
    func versions() throws {
        try box.write("a/x.txt", Array("one".utf8))
        try box.write("b", Array("b".utf8))
        try box.snapshot(repository, time: 1)
        try box.snapshot(repository, time: 2)
        try box.write("a/x.txt", Array("two!".utf8))
        try box.snapshot(repository, time: 3)
        try File.remove(box.source + "/a/x.txt")
        try box.snapshot(repository, time: 4)
        #expect(rows(try find(["*.txt"])) == ["a/x.txt 1-2 (2)", "a/x.txt 3-3 (1)"])
        #expect(rows(try find(["X.TXT"])) == [])
        #expect(rows(try find(["X.TXT"], ignoringCase: true)).count == 2)
        #expect(rows(try find(["b"])) == ["b 1-4 (4)"])
        #expect(try find(["b"]).versions.first?.node.size == 1)
    }

    @Test("goes by type, size and time")
    func conditions() throws {
        try box.write("long", noise(5_000, seed: 1))
        try box.write("short", noise(50, seed: 2))
        try File.makeDirectory(box.source + "/directory")
        try box.snapshot(repository)
        let below = box.source + "/*"
        #expect(rows(try find([below]) { $0.largerThan = 50 }) == ["long 1-1 (1)"])
        #expect(rows(try find([below]) { $0.smallerThan = 5_000 }) == ["short 1-1 (1)"])
        #expect(rows(try find([below]) { $0.kinds = [.directory] }) == ["directory 1-1 (1)"])
        let now = Clock.wallNanoseconds()
        #expect(try find([below]) { $0.changedFrom = now - 3_600_000_000_000 }.versions.count == 3)
        #expect(try find([below]) { $0.changedTo = now - 3_600_000_000_000 }.versions.isEmpty)
    }

    @Test("finds a file of this machine by its content, wherever it is and however it is cut")
    func like() throws {
        let bytes = noise(3_000_000, seed: 3)
        try box.write("deep/copy", bytes)
        try box.write("other", Array(bytes.dropLast()))
        try box.write("pages", Array("SQLite format 3\0".utf8) + noise(200_000, seed: 4))
        try box.write("empty", [])
        try box.snapshot(repository)
        for (source, name) in [("deep/copy", "deep/copy"), ("pages", "pages"), ("empty", "empty")] {
            let original = try File.contents(of: box.source + "/" + source, limit: 1 << 30)
            let file = try File.createOrTruncate(box.path + "/local")
            try file.write(original)
            var cutting = try LocalCutting(repository, databases: nil)
            let contents = try cutting.contents(ofFileAt: Array((box.path + "/local").utf8))
            #expect(rows(try find([]) { $0.contents = contents }) == ["\(name) 1-1 (1)"])
        }
    }

    @Test("finds a file with holes by one with the same, and by one with none")
    func holes() throws {
        let file = try File.createOrTruncate(box.source + "/sparse")
        try file.truncate(to: 4 << 20)
        try noise(5_000, seed: 1).span.withUnsafeBytes { (bytes) throws(SystemError) in
            try file.write(bytes, at: 2 << 20)
        }
        try box.snapshot(repository)
        var cutting = try LocalCutting(repository, databases: nil)
        let contents = try cutting.contents(ofFileAt: Array((box.source + "/sparse").utf8))
        #expect(rows(try find([]) { $0.contents = contents }) == ["sparse 1-1 (1)"])
    }

    @Test("agrees with a look at every entry of every snapshot")
    func naive() throws {
        for number in 0..<(TestRun.isLong ? 200 : 2) {
            let seed = TestRun.seed() &+ UInt64(number)
            let (box, repository) = try Sandbox.inMemory()
            var tree = RandomDirectory(seed)
            for time in 1...5 {
                if time != 3 { try tree.change(try File.openDirectory(box.source)) }
                try box.snapshot(repository, time: Int64(time))
            }
            let entries = SnapshotReference.oldestFirst(repository.state.snapshots)
            var expected: [String: [Int]] = [:]
            for (index, entry) in entries.enumerated() {
                for (path, node) in try NaiveTree(entry, repository).nodes {
                    let version = FoundEntries.Match(node).version
                    expected[Hex.encode(path) + version.hex, default: []].append(index)
                }
            }
            let report = try VarveArchive.find(FindQuery(), in: entries.shuffled(), of: repository)
            var found: [String: Holders] = [:]
            for version in report.versions {
                let key = Hex.encode(version.path)
                let hexes = expected.keys.filter { $0.hasPrefix(key) && $0.count == key.count + 64 }
                let match = hexes.first { hex in
                    guard let holders = expected[hex], found[hex] == nil else { return false }
                    return holders.first == version.holders.first
                        && holders.last == version.holders.last
                        && holders.count == version.holders.count
                }
                found[try #require(match, "VARVE_SEED=\(seed)")] = version.holders
            }
            #expect(found.count == expected.count, "VARVE_SEED=\(seed)")
            #expect(report.issues.isEmpty)
        }
    }

    @Test("enters only directories in which anchored patterns may fit")
    func anchored() throws {
        let cases: [(String, String, Bool)] = [
            ("/a/b/c", "", true), ("/a/b/c", "/a", true), ("/a/b/c", "/a/b", true),
            ("/a/b/c", "/a/b/c", false), ("/a/b/c", "/x", false), ("/a/*/c", "/a/x", true),
            ("/a/**", "/a/b/c/d", true), ("/**/c", "/x/y", true), ("c", "/x", true),
        ]
        for (pattern, directory, isEntered) in cases {
            let compiled = try PathPattern(Array(pattern.utf8), ignoringCase: false)
            #expect(
                compiled.mayFit(below: Array(directory.utf8).span) == isEntered,
                "\(pattern) in \(directory)")
        }
    }

    @Test("tells what is damaged, and finds the rest")
    func damage() throws {
        let missing = try #require(ChunkID(noise(32, seed: 1)))
        _ = try box.store(repository) { writer in
            var node = Node(kind: .directory, name: Array("hidden".utf8))
            node.content = Content(
                size: 2_000, depth: 0, entries: [.init(id: missing, bytes: 2_000)])
            var file = Node(kind: .file, name: Array("z".utf8))
            file.content = try writer.content([2])
            return try writer.content(ofDirectory: [node, file])
        }
        let report = try find([])
        #expect(report.issues.map(\.path) == ["/hidden"])
        #expect(report.versions.map(\.path) == ["/hidden", "/z"].map { Array($0.utf8) })
    }
}
