import Glibc
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("Comparing with the file system", .timeLimit(.minutes(60)))
struct LiveComparisonTests {
    private let box: Sandbox
    private let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    private func compare(
        _ path: String? = nil, with live: String? = nil,
        _ change: (inout LiveOptions) throws -> Void = { _ in }
    ) throws -> ComparisonReport {
        try repository.refresh()
        let entry = try SnapshotReference(choice: .latest(back: 0)).resolve(
            repository.state.snapshots)
        var options = LiveOptions(host: "host")
        try change(&options)
        return try VarveArchive.compare(
            entry, (path ?? box.source).split(separator: "/").map { Array($0.utf8) },
            of: repository, withLive: Array((live ?? box.source).utf8), options)
    }

    private func lines(_ report: ComparisonReport) -> [String] {
        report.changes.map { "\($0.kind) " + String(decoding: $0.path.suffix(5), as: UTF8.self) }
    }

    @Test("says what a snapshot taken now would show")
    func naive() throws {
        for number in 0..<(TestRun.isLong ? 200 : 2) {
            let seed = TestRun.seed() &+ UInt64(number)
            let (box, repository) = try Sandbox.inMemory()
            var tree = RandomDirectory(seed)
            try tree.change(try File.openDirectory(box.source))
            try box.snapshot(repository, time: 1)
            try tree.change(try File.openDirectory(box.source))
            let names = box.source.split(separator: "/").map { Array($0.utf8) }
            let first = try #require(repository.state.snapshots.first)
            let found = try VarveArchive.compare(
                first, names, of: repository, withLive: Array(box.source.utf8),
                LiveOptions(host: "host"))
            try box.snapshot(repository, time: 2)
            let second = try #require(repository.state.snapshots.last)
            let (old, new) = (
                try NaiveTree(first, repository), try NaiveTree(second, repository)
            )
            let source = Hex.encode(Array(box.source.utf8))
            let expected = old.differences(to: new).filter {
                $0.key.hasPrefix(source) && $0.key != source
            }
            #expect(found.differences(old, new) == expected, "VARVE_SEED=\(seed)")
            #expect(found.issues.isEmpty && !found.isIncomplete)
            #expect(found.bytesStored == nil)
        }
    }

    @Test("finds no difference to what was just taken, and none to what was restored")
    func same() throws {
        try box.write("d/a", noise(400_000, seed: 1))
        try box.write("b", noise(400, seed: 2))
        try box.snapshot(repository)
        #expect(try compare().changes.isEmpty)
        _ = try box.restore(repository)
        #expect(try compare(with: box.target).changes.isEmpty)
        #expect(try compare(with: box.target) { $0.readsAll = true }.changes.isEmpty)
        #expect(try compare(box.source + "/d/a", with: box.target + "/d/a").changes.isEmpty)
    }

    @Test("elsewhere believes size and time, unless everything is to be read")
    func believing() throws {
        try box.write("a", noise(4_000, seed: 1))
        try box.snapshot(repository)
        _ = try box.restore(repository)
        let directory = try File.openDirectory(box.target)
        let time = try directory.status(of: Array("a".utf8)).mtime
        try File.createOrTruncate(box.target + "/a").write(noise(4_000, seed: 2))
        try directory.setTimes(Array("a".utf8), mtimeNanoseconds: time)
        #expect(try compare(with: box.target).changes.isEmpty)
        let found = try compare(with: box.target) { $0.readsAll = true }
        #expect(lines(found) == ["content get/a"])
        #expect((found.bytesAdded, found.bytesRemoved) == (4_000, 4_000))
    }

    @Test("leaves out what excludes name and Varve's own, on both sides")
    func leftOut() throws {
        try box.write("a.log", noise(40, seed: 1))
        try box.write("gone.log", noise(40, seed: 1))
        try box.snapshot(repository)
        try box.write("a.log", noise(50, seed: 2))
        try box.write("own/x", noise(50, seed: 3))
        try File.remove(box.source + "/gone.log")
        let found = try compare {
            try $0.excludes.add("*.log")
            $0.ownDirectories = [box.source + "/own"]
        }
        #expect(lines(found).filter { !$0.hasPrefix("metadata") } == [])
        #expect(try lines(compare()).filter { !$0.hasPrefix("metadata") }.count == 5 - 1)
    }

    @Test("does not call added what nobody looked at")
    func partial() throws {
        try box.write("taken/a", noise(40, seed: 1))
        try box.write("beside", noise(40, seed: 2))
        var options = box.options()
        options.host = "host"
        _ = try takeSnapshot(of: .paths([box.source + "/taken"]), into: repository, options)
        #expect(try compare().changes.filter { $0.kind != .metadata }.isEmpty)
    }

    @Test("tells a file that was moved by reading only what has its size")
    func moved() throws {
        try box.write("a", noise(4_321, seed: 1))
        try box.snapshot(repository)
        try File.makeDirectory(box.source + "/d")
        try File.rename(box.source + "/a", to: box.source + "/d/b")
        try box.write("c", noise(99, seed: 1))
        let found = try compare()
        #expect(
            found.changes.contains { $0.kind == .moved && $0.path.suffix(2) == Array("/b".utf8) })
        #expect(found.bytesAdded == 99 && found.bytesRemoved == 0)
    }

    @Test("names what cannot be read, and compares the rest")
    func unreadable() throws {
        try box.write("a", noise(400, seed: 1))
        try box.write("b", noise(400, seed: 2))
        try box.snapshot(repository)
        try box.write("b", noise(500, seed: 3))
        try box.write("a", noise(500, seed: 4))
        let found = try FileFaults.with(under: box.source) { call, path in
            call == .openToRead && path.hasSuffix("/a") ? EIO : nil
        } _: {
            try compare()
        }
        #expect(found.isIncomplete && found.issues.map(\.path) == [box.source + "/a"])
        #expect(lines(found).contains("content rce/b"))
    }
}
