import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("A dump in windows")
struct ArchiveWindowTests {
    @Test("keeps the order of chunks, literal bytes and zeros across windows")
    func order() throws {
        let (box, repository) = try Sandbox.inMemory()
        let bytes = noise(9_000_000, seed: 3)
        try HandmadeSnapshot.store(in: repository) { snapshot in
            var node = Node(kind: .file, name: [0x61])
            node.content = try snapshot.content(bytes)
            // Holes in the middle of chunks, and one that is longer than a window.
            node.holes = [(0, 3), (4_000_000, 17_000_000), (1, 1)].map {
                .init(dataBytes: $0.0, holeBytes: $0.1)
            }
            return [node]
        }
        let entry = try box.newest(repository)
        let (found, wanted) = (box.path + "/found", box.path + "/wanted")
        _ = try dump(
            [[0x61]], of: entry, repository, to: try File.createExclusively(found),
            progress: Progress())
        let file = try File.createExclusively(wanted)
        for (from, part) in [
            (3, 0..<4_000_000), (21_000_003, 4_000_000..<4_000_001),
            (21_000_005, 4_000_001..<bytes.count),
        ] { try bytes[part].withUnsafeBytes { try file.write($0, at: from) } }
        let run = try ArchiveBench.run("cmp", found, wanted)
        #expect(run.status.isSuccess, "\(run.output)")
    }

    @Test("a tree of any depth becomes an archive")
    func depth() throws {
        let (box, repository) = try Sandbox.inMemory()
        let depth = TestRun.isLong ? 3_000 : 500
        try HandmadeSnapshot.store(in: repository) { snapshot in
            var inner = Node(kind: .directory, name: [0x64])
            inner.content = .empty
            for level in 1..<depth {
                var outer = Node(kind: .directory, name: [0x64])
                outer.content = try snapshot.directory([inner])
                outer.entriesBelow = level
                inner = outer
            }
            return [inner]
        }
        let path = box.path + "/archive"
        try dumpArchive(
            [], of: try box.newest(repository), repository, as: .tar,
            to: try File.createExclusively(path), progress: Progress(), observer: { _ in })
        let run = try ArchiveBench.run("tar", "-tf", path)
        #expect(run.status.isSuccess)
        #expect(run.output.split(separator: "\n").last?.utf8.count == 2 * depth)
    }

    @Test("an error of the output ends it at once")
    func output() throws {
        let (box, repository) = try Sandbox.inMemory()
        try HandmadeSnapshot.store(in: repository) { snapshot in
            var node = Node(kind: .file, name: [0x61])
            node.content = .empty
            node.holes = [.init(dataBytes: 0, holeBytes: 1 << 40)]
            return [node]
        }
        let entry = try box.newest(repository)
        let full = try File.openToWrite("/dev/full")
        #expect(throws: SystemError.self) {
            try dump([[0x61]], of: entry, repository, to: full, progress: Progress())
        }
    }
}
