import TestSupport
import Testing
import VarveFormat

struct NodeTests {
    private func refuses(_ node: Node) -> Bool {
        refuses(written { node.encode(into: &$0) })
    }

    private func refuses(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try ByteReader.decode(bytes, Node.init)
            return false
        } catch { return true }
    }

    private func node(_ kind: Node.Kind, _ change: (inout Node) -> Void = { _ in }) -> Node {
        var node = Node(kind: kind, name: Array("name".utf8))
        switch kind {
        case .directory, .file: node.content = .empty
        case .symlink: node.target = Array("there".utf8)
        case .characterDevice, .blockDevice: node.device = .init(major: 1, minor: 3)
        case .fifo, .socket: break
        }
        change(&node)
        return node
    }

    @Test("names that leave the directory or end it are refused")
    func names() {
        for name in ["", ".", "..", "a/b", "/", "a\0", String(repeating: "n", count: 256)] {
            #expect(refuses(node(.fifo) { $0.name = Array(name.utf8) }), "\(name)")
        }
        for name in ["...", "a", ".a", String(repeating: "n", count: 255), "\n"] {
            #expect(!refuses(node(.fifo) { $0.name = Array(name.utf8) }), "\(name)")
        }
    }

    @Test("each type has the attributes it needs and no other's")
    func attributes() {
        let kinds: [Node.Kind] = [
            .directory, .file, .symlink, .fifo, .characterDevice, .blockDevice, .socket,
        ]
        for kind in kinds {
            #expect(!refuses(node(kind)))
            let hasContent = kind == .directory || kind == .file
            let isDevice = kind == .characterDevice || kind == .blockDevice
            #expect(refuses(node(kind) { $0.content = hasContent ? nil : .empty }))
            #expect(refuses(node(kind) { $0.target = kind == .symlink ? nil : [] }))
            #expect(
                refuses(node(kind) { $0.device = isDevice ? nil : .init(major: 0, minor: 0) }))
            #expect(refuses(node(kind) { $0.hardLinkGroup = 1 }) == (kind == .directory))
        }
        #expect(refuses(node(.file) { $0.hardLinkGroup = 0 }))
        #expect(refuses(node(.symlink) { $0.target = [UInt8](repeating: 1, count: 64 << 10 + 1) }))
    }

    @Test("holes lie within their file")
    func holes() {
        let content = Content(
            size: 10, depth: 0, entries: [Content.Entry(id: .zero, bytes: 10)])
        func refuses(_ holes: [(Int, Int)]) -> Bool {
            self.refuses(
                node(.file) { node in
                    node.content = content
                    node.holes = holes.map { Node.Hole(dataBytes: $0.0, holeBytes: $0.1) }
                })
        }
        #expect(!refuses([(0, 5), (10, 1 << 50)]))
        #expect(refuses([(0, 5), (11, 1)]))
        #expect(refuses([(0, 0)]))
        #expect(refuses([(6, 1), (6, 1)]))
        #expect(refuses([(1, 1 << 60)]))
        #expect(refuses([(Int.max, 1), (Int.max, Int.max)]))
        #expect(self.refuses(node(.directory) { $0.holes = [.init(dataBytes: 0, holeBytes: 1)] }))
    }

    @Test("extended attributes are written in order and refused out of order")
    func extendedAttributes() throws {
        let unsorted = node(.fifo) { node in
            node.attributes = ["b", "a"].map { .init(name: Array($0.utf8), value: [1]) }
        }
        let bytes = written { unsorted.encode(into: &$0) }
        let decoded = try ByteReader.decode(bytes, Node.init)
        #expect(decoded.attributes == unsorted.attributes.reversed())
        #expect(refuses(node(.fifo) { $0.attributes = [.init(name: [], value: [])] }))
        let twice = node(.fifo) { node in
            node.attributes = ["a", "a"].map { .init(name: Array($0.utf8), value: []) }
        }
        #expect(refuses(twice))
    }

    @Test("a tag from 128 on is skipped, one below is refused, a directory has its count")
    func tags() throws {
        func record(_ kind: Node.Kind, adding: [UInt8], dropping: Int = 0) -> [UInt8] {
            let bytes = written { node(kind).encode(into: &$0) }.dropFirst().dropLast(dropping)
            return [UInt8(bytes.count + adding.count)] + bytes + adding
        }
        #expect(!refuses(record(.fifo, adding: [200, 2, 9, 9])))
        #expect(refuses(record(.fifo, adding: [200, 0, 200, 0])))
        #expect(refuses(record(.fifo, adding: [127, 0])))
        #expect(refuses(record(.fifo, adding: [6, 0])))
        #expect(refuses(record(.file, adding: [6, 0])))
        // The last three bytes of a directory are tag 7, its length and 0.
        #expect(!refuses(record(.directory, adding: [7, 1, 5], dropping: 3)))
        #expect(refuses(record(.directory, adding: [], dropping: 3)))
        #expect(refuses(record(.file, adding: [7, 1, 0])))
        #expect(refuses(record(.directory, adding: [1, 3, 0, 0, 0])))
    }

    @Test("a file's size counts its holes")
    func size() {
        let file = node(.file) { $0.holes = [.init(dataBytes: 0, holeBytes: 7)] }
        #expect(file.size == 7)
    }
}
