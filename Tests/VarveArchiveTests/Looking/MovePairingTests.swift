import Testing
import VarveFormat

@testable import VarveArchive

@Suite("What was moved")
struct MovePairingTests {
    private func file(_ path: String, _ byte: UInt8) -> Node {
        var node = Node(kind: .file, name: Array(path.split(separator: "/").last!.utf8))
        let id = ChunkID([UInt8](repeating: byte, count: 32)) ?? .zero
        node.content =
            byte == 0 ? .empty : Content(size: 5, depth: 0, entries: [.init(id: id, bytes: 5)])
        return node
    }

    private func moves(_ removed: [(String, UInt8)], _ added: [(String, UInt8)]) -> [String] {
        let changes =
            removed.map { TreeChange(.removed, Array($0.utf8), old: file($0, $1)) }
            + added.map { TreeChange(.added, Array($0.utf8), new: file($0, $1)) }
        return MovePairing.paired(changes) { $0.kind == .file }.map { change in
            let path = String(decoding: change.path, as: UTF8.self)
            return change.oldPath.map { String(decoding: $0, as: UTF8.self) + ">" + path }
                ?? "\(change.kind) " + path
        }.sorted()
    }

    @Test("has the same content, and the same name before any other")
    func names() {
        #expect(
            moves([("/a/x", 1), ("/a/y", 1)], [("/b/y", 1), ("/b/z", 1)])
                == ["/a/x>/b/z", "/a/y>/b/y"])
        #expect(moves([("/x", 1)], [("/y", 2)]) == ["added /y", "removed /x"])
    }

    @Test("is paired in the order of paths, and what is left stays added or removed")
    func order() {
        #expect(
            moves([("/b", 1), ("/a", 1), ("/c", 1)], [("/z", 1), ("/y", 1)])
                == ["/a>/y", "/b>/z", "removed /c"])
    }

    @Test("is never an empty file")
    func empty() {
        #expect(moves([("/a", 0)], [("/b", 0)]) == ["added /b", "removed /a"])
    }

    @Test("is in order when a directory comes before what is in it and behind it")
    func paths() {
        let paths = ["/a", "/a/b", "/a/b/c", "/a!", "/a.b", "/ab"].map { Array($0.utf8) }
        #expect(paths.shuffled().sorted(by: TreePath.areInOrder) == paths)
    }
}
