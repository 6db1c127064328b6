import Testing
import VarveFormat
import VarveSystem

@testable import VarveArchive

@Suite("Of a file of several names")
struct HardLinksTests {
    @Test("a later one has all that the first one has but its name, however often it is asked")
    func later() throws {
        let box = try Sandbox()
        try box.write("a", [1])
        for name in ["b", "c", "outside"] {
            try File.link(box.source + "/a", to: box.source + "/" + name)
        }
        let status = try File.status(of: box.source + "/a")
        let links = HardLinks()
        let waiter = HardLinks.Waiter(
            slice: PendingSlice(
                of: PendingDirectory { _ in }, [], [], files: 0, directories: 0),
            file: FileBatch.File(position: 0, name: []))
        var node = Node(kind: .file, name: Array("a".utf8))
        node.modified = -1_500_000_001
        let id = try #require(ChunkID([UInt8](repeating: 7, count: 32)))
        node.content = Content(size: 3, depth: 0, entries: [Content.Entry(id: id, bytes: 3)])
        node.holes = [Node.Hole(dataBytes: 3, holeBytes: 4_096)]
        node.attributes = [Node.Attribute(name: Array("user.key".utf8), value: [1, 0, 255])]

        let first = try #require(links.link(status))
        guard case .first = links.claim(first, waiter) else { throw Unexpected() }
        #expect(links.tell(first.group, node).isEmpty)
        for _ in ["b", "c"] {
            let link = try #require(links.link(status))
            #expect(link.group == first.group && !link.isLast)
            guard case .known(let known) = links.claim(link, waiter) else { throw Unexpected() }
            #expect(known.modified == node.modified && known.content == node.content)
            #expect(known.holes == node.holes && known.attributes == node.attributes)
        }
    }

    private struct Unexpected: Error {}
}
