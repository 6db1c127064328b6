import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("A restore")
struct RestoreTests {
    private func box() throws -> (Sandbox, Repository) {
        let box = try Sandbox(storage: MemoryStorage())
        return (box, try box.create())
    }

    @Test("into a directory with other content replaces what has the same names, and only that")
    func existing() throws {
        let (box, repository) = try box()
        try box.write("file", lines(100, seed: 1))
        try box.write("below/file", lines(50, seed: 2))
        let source = try File.openDirectory(box.source)
        try source.makeSymlink(to: "file", "link")
        try box.snapshot(repository)
        try File.makeDirectories(box.target + "/below")
        let target = try File.openDirectory(box.target)
        // A longer file, another name of which must keep its bytes.
        try target.createFile("file").write(lines(900, seed: 3))
        try target.makeLink("other name", to: "file", in: target)
        try target.createFile("link").write([1])
        try target.createFile("stranger").write([2])
        let report = try box.restore(repository)
        #expect(report.issues.isEmpty)
        let kept = try target.openFile("other name").contents(limit: 1 << 20)
        #expect(kept == lines(900, seed: 3))
        try target.remove("other name")
        try target.remove("stranger")
        #expect(try listing(box.target) == listing(box.source))
    }

    @Test(
        "gives a target that it makes the attributes of the directory, and leaves another its own")
    func targetAttributes() throws {
        let (box, repository) = try box()
        try box.write("file", [1])
        let source = try File.openDirectory(box.source)
        try source.setMode(0o2755)
        try source.setTimes(mtimeNanoseconds: -1_000_000_007)
        try box.snapshot(repository)
        #expect(try box.restore(repository).issues.isEmpty)
        let made = try File.status(of: box.target)
        #expect(made.mode == 0o2755 && made.mtime == -1_000_000_007)
        let other = box.path + "/other"
        try File.makeDirectory(other, mode: 0o711)
        #expect(try box.restore(repository, into: other).issues.isEmpty)
        #expect(try File.status(of: other).mode == 0o711)
    }

    @Test("follows no symbolic link that stands in its target")
    func links() throws {
        let (box, repository) = try box()
        try box.write("directory/file", lines(100, seed: 1))
        try box.write("plain", lines(10, seed: 2))
        try box.snapshot(repository)
        let outside = box.path + "/outside"
        try File.makeDirectory(outside)
        try File.makeDirectory(box.target)
        let target = try File.openDirectory(box.target)
        try target.makeSymlink(to: outside, "directory")
        try target.makeSymlink(to: outside + "/plain", "plain")
        let report = try box.restore(repository)
        #expect(try listing(outside).isEmpty)
        #expect(report.issues.isEmpty)
        #expect(try target.status(of: "directory", follow: false).kind == .directory)
        #expect(try listing(box.target) == listing(box.source))
        #expect(try target.status(of: "plain", follow: false).kind == .regular)
    }

    @Test("of one file or one directory gives just that")
    func parts() throws {
        let (box, repository) = try box()
        try box.write("a/b/c", lines(100, seed: 1))
        try box.write("a/other", [1])
        try box.snapshot(repository)
        let entry = try box.newest(repository)
        let above = box.source.split(separator: "/").map { Array($0.utf8) }
        func restore(_ path: String) throws -> [String] {
            let target = box.path + "/part-" + path.replacing("/", with: "-")
            let names = above + path.split(separator: "/").map { Array($0.utf8) }
            _ = try VarveArchive.restore(
                entry, of: repository, RestoreOptions(target: target, path: names),
                progress: Progress(), observer: { _ in })
            return try listing(target).keys.sorted()
        }
        #expect(try restore("a/b/c") == ["c"])
        #expect(try restore("a/b") == ["c"])
        #expect(try restore("a") == ["b", "b/c", "other"])
        #expect(throws: RepositoryError.self) { try restore("a/none") }
        #expect(throws: RepositoryError.self) { try restore("a/other/below") }
    }

    @Test("leaves out what is damaged, tells it, and gives back the rest")
    func damage() throws {
        let box = try Sandbox(storage: MemoryStorage())
        var options = CreationOptions()
        options.frameBytes = 64 << 10
        let repository = try box.create(options)
        for number in 0..<8 {
            try box.write("file\(number)", noise(60_000, seed: UInt64(number + 1)))
        }
        try box.write("long", noise(900_000, seed: 77))
        try box.snapshot(repository)
        let storage = try #require(box.storage as? MemoryStorage)
        for (name, bytes) in storage.contents where name.hasPrefix("packs/data/") {
            var bytes = bytes
            bytes[1_000] ^= 1
            storage.overwrite(name, bytes)
        }
        let report = try box.restore(try box.open())
        #expect(report.isDamaged)
        #expect((1...2).contains(report.issues.count))
        let (before, after) = (try listing(box.source), try listing(box.target))
        #expect(after.count == before.count - report.issues.count)
        #expect(after.allSatisfy { before[$0.key] == $0.value })
    }

    @Test("whose target has no more room, or takes no file, says so")
    func full() throws {
        let (box, repository) = try box()
        try box.write("a", noise(1_000, seed: 1))
        try box.write("b", noise(1_000, seed: 2))
        try box.snapshot(repository)
        FileFaults.with(under: box.target) { call, _ in
            call == .write ? 28 : nil
        } _: {
            _ = #expect(throws: ArchiveError.self) { try box.restore(repository) }
        }
        let writes = Mutex(0)
        let report = try FileFaults.with(under: box.target) { call, _ in
            guard call == .write else { return nil }
            return writes.withLock {
                $0 += 1
                return $0
            } == 1 ? 5 : nil
        } _: {
            try box.restore(repository)
        }
        #expect(report.issues.map(\.path) == ["/a"])
        #expect(try listing(box.target).keys.sorted() == ["b"])
        #expect(try box.restore(repository).issues.isEmpty)
        #expect(try listing(box.target) == listing(box.source))
    }

    @Test(
        "names that lead elsewhere cannot stand in a tree",
        arguments: ["..", ".", "a/b", "", "a\0b"])
    func names(name: String) throws {
        var node = Node(kind: .symlink, name: Array(name.utf8))
        node.target = [1]
        let piece = Directory.pieces(of: [node])[0]
        #expect(throws: FormatError.self) {
            var previous: [UInt8] = []
            try piece.withUnsafeBytes { bytes throws in
                _ = try Directory.nodes(of: bytes, after: &previous)
            }
        }
    }
}
