import Glibc
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("Of trees of every shape, a snapshot")
struct TreeShapeTests {
    private func box() throws -> (Sandbox, Repository) {
        let box = try Sandbox(storage: MemoryStorage())
        return (box, try box.create())
    }

    @Test("holds directories far deeper than a path may be long, and finds them unchanged")
    func deep() throws {
        let (box, repository) = try box()
        let depth = 3_000
        let name = "a directory of some length"
        var directory = try File.openDirectory(box.source)
        for _ in 0..<depth {
            try directory.makeDirectory(name, mode: 0o700)
            directory = try directory.openDirectory(name)
        }
        let file = try directory.createFile("file at the bottom")
        try file.write(noise(1_000, seed: 1))
        let report = try box.snapshot(repository)
        #expect(!report.isIncomplete && report.counts.directories >= depth)
        let again = try box.snapshot(repository, time: 2)
        #expect(!again.isIncomplete && again.counts.directories == report.counts.directories)
        var tree = try SnapshotTree(repository, try box.newest(repository))
        var bottom: [[UInt8]] = []
        var longest = 0
        try tree.walk(tree.content(of: nil), path: []) { path, node in
            longest = max(longest, path.count)
            if node.kind == .file { bottom.append(node.name) }
            return true
        }
        #expect(bottom == [Array("file at the bottom".utf8)])
        #expect(longest > depth * name.utf8.count)
    }

    @Test("names a directory that is moved meanwhile by its whole path, byte by byte")
    func moved() throws {
        let (box, repository) = try box()
        let name = [UInt8](repeating: 0xff, count: 250)
        var directory = try File.openDirectory(box.source)
        for _ in 0..<150 {
            try directory.makeDirectory(name, mode: 0o700)
            directory = try directory.openDirectory(name)
        }
        _ = try directory.createFile("bottom")
        var options = box.options()
        try options.excludes.add("bottom")
        let told = Told()
        let path = Array(box.source.utf8) + (0..<15).flatMap { _ in [UInt8(ascii: "/")] + name }
        let report = try takeSnapshot(of: .paths([box.source]), into: repository, options) {
            told.observer($0)
            // Right before the walk goes up again, of which the first levels are closed.
            if case .excluded = $0 {
                let from = (path + [0]).map { CChar(bitPattern: $0) }
                #expect(rename(from, box.path + "/moved") == 0)
            }
        }
        #expect(report.isIncomplete)
        #expect(told.failed == [RawText.text(path)])
    }

    @Test(
        "holds directories of many entries, of which some are directories, and finds them unchanged"
    )
    func large() throws {
        let (box, repository) = try box()
        let source = try File.openDirectory(box.source)
        for number in 0..<9_000 {
            if number % 1_000 == 7 {
                try box.write("\(number)/file", noise(100, seed: UInt64(number)))
            } else {
                try source.createFile("\(number)").write(Array("\(number)".utf8))
            }
        }
        try box.snapshot(repository)
        #expect(try everyFile(of: box.newest(repository), repository).count == 9_000)
        usleep(2_100_000)
        try box.snapshot(repository, time: 2)
        let content = try #require(try box.newestContent(repository))
        let report = try box.snapshot(repository, time: 3)
        #expect(report.counts.filesUnmodified == 9_000)
        #expect(try box.newestContent(repository) == content)
        // One in the last slice, and one below a directory in the first.
        try box.write("8999", [1])
        try box.write("1007/file", [2])
        let changed = try box.snapshot(repository, time: 4)
        #expect(changed.counts.filesChanged == 2 && changed.counts.filesUnmodified == 8_998)
        let files = try everyFile(of: box.newest(repository), repository)
        #expect(files.count == 9_000)
        #expect(files[box.source + "/8999"] == [1])
        #expect(files[box.source + "/1007/file"] == [2])
        #expect(files[box.source + "/4096"] == Array("4096".utf8))
    }

    @Test("shares all trees and chunks with one of a copy elsewhere, taken by another machine")
    func copies() throws {
        let (box, repository) = try box()
        for number in 0..<300 {
            try box.write("tree/d\(number % 20)/f\(number)", lines(number, seed: number))
        }
        try File.link(box.source + "/tree/d1/f1", to: box.source + "/tree/d2/again")
        func take(_ name: String, host: String, time: Int64) throws -> SnapshotReport {
            var options = box.options(time)
            options.host = host
            return try takeSnapshot(
                of: .paths([box.source + "/" + name]), into: repository, options)
        }
        _ = try take("tree", host: "one", time: 1)
        let copying = try ChildProcess(
            "cp", ["-a", box.source + "/tree", box.source + "/copy"])
        #expect(try copying.wait().isSuccess)
        let report = try take("copy", host: "two", time: 2)
        #expect(report.parent == nil && report.counts.filesNew == 301)
        // The directories above it, and what change detection compares.
        #expect(report.written.chunksNew <= 4)
        let entries = repository.state.snapshots
        let contents = try entries.map { entry in
            var tree = try SnapshotTree(repository, entry)
            let path = "\(box.source)/\(entry.summary.host == "one" ? "tree" : "copy")"
            return try tree.find(path.split(separator: "/").map { Array($0.utf8) })?.content
        }
        #expect(contents[0] != nil && contents[0] == contents[1])
    }

    @Test("of one file system keeps the mount points, and nothing of what is mounted there")
    func oneFileSystem() throws {
        let (box, repository) = try box()
        guard let outer = try? File.status(of: "/dev"),
            let inner = try? File.status(of: "/dev/pts"), outer.device != inner.device
        else { return }
        var options = box.options()
        options.excludes.oneFileSystem = true
        _ = try takeSnapshot(of: .paths(["/dev"]), into: repository, options)
        var tree = try SnapshotTree(repository, try box.newest(repository))
        let node = try tree.find(["dev", "pts"].map { Array($0.utf8) })
        #expect(node?.kind == .directory && node?.content == .empty)
    }
}
