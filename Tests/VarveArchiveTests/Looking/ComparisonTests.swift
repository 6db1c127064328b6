import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("Comparing", .timeLimit(.minutes(60)))
struct ComparisonTests {
    private let box: Sandbox
    private let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    private func entries() throws -> [RepositoryState.SnapshotEntry] {
        try repository.refresh()
        return SnapshotReference.oldestFirst(repository.state.snapshots)
    }

    private func compare(_ old: Int, _ new: Int) throws -> ComparisonReport {
        let entries = try entries()
        return try VarveArchive.compare(
            ComparedTree(entries[old], [], of: repository),
            ComparedTree(entries[new], [], of: repository), of: repository)
    }

    /// "M a", by the names below the source.
    private func lines(_ report: ComparisonReport) -> [String] {
        report.changes.filter { $0.kind != .metadata }.map { change in
            "\(change.kind) " + (change.oldPath.map { box.name($0) + " > " } ?? "")
                + box.name(change.path)
        }
    }

    private func move(_ old: String, _ new: String) throws {
        try File.rename(box.source + "/" + old, to: box.source + "/" + new)
    }

    @Test("names what was added, removed, changed and moved, and what that takes")
    func kinds() throws {
        try box.write("same", noise(3_000, seed: 1))
        try box.write("changed", noise(900_000, seed: 2))
        try box.write("gone", noise(2_000, seed: 3))
        try box.write("old/a", noise(1_000, seed: 4))
        try box.write("old/b", noise(1_000, seed: 5))
        try box.write("file", noise(500, seed: 6))
        try box.snapshot(repository, time: 1)
        var bytes = noise(900_000, seed: 2)
        bytes[450_000] ^= 1
        try box.write("changed", bytes)
        try File.remove(box.source + "/gone")
        try move("old", "new")
        try move("file", "moved")
        try box.write("added", noise(7_000, seed: 7))
        let report = try box.snapshot(repository, time: 2)
        let found = try compare(0, 1)
        #expect(
            lines(found) == [
                "added added", "content changed", "removed gone", "moved file > moved",
                "moved old > new",
            ])
        #expect(found.files.changed == 1 && found.files.moved == 1 && found.directories.moved == 1)
        let changed = try #require(found.changes.first { $0.kind == .content })
        #expect((1...262_144).contains(changed.bytesAdded))
        #expect(found.bytesAdded == changed.bytesAdded + 7_000)
        #expect(found.bytesRemoved == changed.bytesRemoved + 2_000)
        // What the snapshot stored, but for its stat list and the frames around.
        let stored = try #require(found.bytesStored)
        #expect(stored > 7_000 && stored <= report.counts.bytesStored)
        #expect(!found.isUpperBound && found.issues.isEmpty)
    }

    @Test("finds nothing between a snapshot and itself, and reads nothing for it")
    func same() throws {
        try box.write("below/a", noise(3_000, seed: 1))
        try box.snapshot(repository)
        let found = try compare(0, 0)
        #expect(found.changes.isEmpty && found.bytesStored == 0)
    }

    @Test("goes the other way with every sign turned round")
    func inverse() throws {
        for number in 0..<(TestRun.isLong ? 200 : 2) {
            let seed = TestRun.seed() &+ UInt64(number)
            let (box, repository) = try Sandbox.inMemory()
            var tree = RandomDirectory(seed)
            for time in 1...3 {
                try tree.change(try File.openDirectory(box.source))
                try box.snapshot(repository, time: Int64(time))
            }
            let entries = SnapshotReference.oldestFirst(repository.state.snapshots)
            let naive = try entries.map { try NaiveTree($0, repository) }
            for (a, b) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
                let found = try VarveArchive.compare(
                    ComparedTree(entries[a], [], of: repository),
                    ComparedTree(entries[b], [], of: repository), of: repository)
                #expect(
                    found.differences(naive[a], naive[b]) == naive[a].differences(to: naive[b]),
                    "VARVE_SEED=\(seed)")
                let back = try VarveArchive.compare(
                    ComparedTree(entries[b], [], of: repository),
                    ComparedTree(entries[a], [], of: repository), of: repository)
                #expect(found.bytesAdded == back.bytesRemoved, "VARVE_SEED=\(seed)")
                #expect(found.chunksRemoved == back.chunksAdded, "VARVE_SEED=\(seed)")
                let moved = { (report: ComparisonReport, isBack: Bool) in
                    Set(
                        report.changes.filter { $0.kind == .moved }.map {
                            isBack ? [$0.path, $0.oldPath ?? []] : [$0.oldPath ?? [], $0.path]
                        })
                }
                #expect(moved(found, false) == moved(back, true), "VARVE_SEED=\(seed)")
            }
        }
    }

    @Test("passes over the pieces that two long directories share")
    func pieces() throws {
        for number in 0..<1_500 { try box.write("d/entry-\(number)-with-a-long-name", []) }
        try box.snapshot(repository, time: 1)
        try box.write("d/entry-77-and-more", noise(10, seed: 1))
        try File.remove(box.source + "/d/entry-1400-with-a-long-name")
        try box.snapshot(repository, time: 2)
        let found = try compare(0, 1)
        #expect(
            lines(found) == [
                "removed d/entry-1400-with-a-long-name", "added d/entry-77-and-more",
            ])
    }

    @Test("compares parts of snapshots, also under different paths")
    func parts() throws {
        try box.write("a/x", Array("one\n".utf8))
        try box.write("b/x", Array("two\n".utf8))
        try box.write("b/y", Array("three\n".utf8))
        try box.snapshot(repository)
        let entry = try #require(try entries().first)
        let path = box.source.split(separator: "/").map { Array($0.utf8) }
        let part = { (name: String) in
            try ComparedTree(entry, path + [Array(name.utf8)], of: repository)
        }
        let found = try VarveArchive.compare(part("a"), part("b"), of: repository)
        #expect(lines(found) == ["content b/x", "added b/y"])
        #expect(throws: RepositoryError.self) { try part("c") }
    }

    @Test("reads a list once, however often storage names it")
    func repetition() throws {
        let entry = try box.store(repository) { writer in
            var content = try writer.content([1])
            // Eight levels of lists with 150 entries each, all of them the same.
            for depth in 0..<8 {
                let entries = [Content.Entry](
                    repeating: .init(
                        id: try #require(content.entries.first).id, bytes: content.size), count: 150
                )
                let list = try writer.storeMetadata(
                    ChunkList(depth: depth, entries: entries).encoded)
                let bytes = content.size * 150
                content = Content(
                    size: bytes, depth: depth + 1, entries: [.init(id: list, bytes: bytes)])
            }
            var node = Node(kind: .file, name: Array("bomb".utf8))
            node.content = content
            return try writer.content(ofDirectory: [node])
        }
        let empty = try box.store([], repository)
        let found = try VarveArchive.compare(
            ComparedTree(empty, [], of: repository), ComparedTree(entry, [], of: repository),
            of: repository)
        #expect(found.chunksAdded == 1 && found.issues.isEmpty)
    }

    @Test("tells damaged directories and looks at the others")
    func damage() throws {
        var hidden = HandmadeEntry(.directory, Array("hidden".utf8))
        hidden.entries = (0..<40).map { .file("long-name-\($0)", noise(10, seed: UInt64($0))) }
        let first = try box.store([hidden, .file("z", [1])], repository)
        hidden.entries.append(.file("more", [3]))
        let missing = try #require(ChunkID(noise(32, seed: 1)))
        let second = try box.store(repository) { writer in
            var node = Node(kind: .directory, name: Array("hidden".utf8))
            node.content = Content(
                size: 2_000, depth: 0, entries: [.init(id: missing, bytes: 2_000)])
            var file = Node(kind: .file, name: Array("z".utf8))
            file.content = try writer.content([2])
            return try writer.content(ofDirectory: [node, file])
        }
        let found = try VarveArchive.compare(
            ComparedTree(first, [], of: repository), ComparedTree(second, [], of: repository),
            of: repository)
        #expect(found.issues.map(\.path) == ["/hidden"])
        #expect(found.changes.contains { $0.path == Array("/z".utf8) && $0.kind == .content })
        #expect(!found.changes.contains { $0.kind == .removed })
    }
}
