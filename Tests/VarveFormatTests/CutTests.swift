import TestSupport
import Testing
import VarveFormat

struct CutTests {
    private func nodes(_ numbers: inout SeededNumbers) -> [Node] {
        let names = Set((0..<4_000).map { _ in Array(String(numbers.next()).utf8) })
        return names.sorted { $0.lexicographicallyPrecedes($1) }.map { name in
            var node = Node(kind: .file, name: name)
            node.content = Content(
                size: 9, depth: 0, entries: [Content.Entry(id: numbers.id(), bytes: 9)])
            return node
        }
    }

    @Test("a directory's pieces hold its nodes in order")
    func pieces() throws {
        var numbers = SeededNumbers(1)
        let nodes = nodes(&numbers)
        let pieces = Directory.pieces(of: nodes)
        #expect(pieces.count > 4)
        #expect(pieces.allSatisfy { $0.count < 257 << 10 })
        #expect(pieces.dropLast().allSatisfy { $0.count >= 16 << 10 })
        var previous: [UInt8] = []
        var decoded: [Node] = []
        for piece in pieces {
            decoded += try piece.withUnsafeBytes { try Directory.nodes(of: $0, after: &previous) }
        }
        #expect(decoded == nodes)
    }

    @Test("one changed, added or removed entry changes few pieces", arguments: [2, 3, 4])
    func stablePieces(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        var nodes = nodes(&numbers)
        let before = Set(Directory.pieces(of: nodes))
        let place = numbers.number(0...nodes.count - 1)
        nodes[place].modified += 1
        #expect(Set(Directory.pieces(of: nodes)).subtracting(before).count == 1)
        nodes.remove(at: place)
        #expect(Set(Directory.pieces(of: nodes)).subtracting(before).count <= 3)
    }

    @Test("names out of order are refused, within a piece and between two")
    func order() {
        let pieces = [["b", "a"], ["a", "a"]].map { names in
            written { writer in
                for name in names {
                    Node(kind: .fifo, name: Array(name.utf8)).encode(into: &writer)
                }
            }
        }
        for piece in pieces {
            #expect(throws: FormatError.self) {
                var previous: [UInt8] = []
                _ = try piece.withUnsafeBytes { try Directory.nodes(of: $0, after: &previous) }
            }
        }
        #expect(throws: FormatError.self) {
            var previous = Array("c".utf8)
            let piece = written { Node(kind: .fifo, name: Array("c".utf8)).encode(into: &$0) }
            _ = try piece.withUnsafeBytes { try Directory.nodes(of: $0, after: &previous) }
        }
    }

    private func lists(_ entries: [Content.Entry]) -> [[Content.Entry]] {
        var lists: [[Content.Entry]] = [[]]
        for entry in entries {
            lists[lists.count - 1].append(entry)
            if ChunkList.ends(after: entry.id, count: lists[lists.count - 1].count) {
                lists.append([])
            }
        }
        return lists.filter { !$0.isEmpty }
    }

    @Test("one changed, added or removed entry changes few chunk lists", arguments: [5, 6, 7])
    func stableLists(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        var entries = (0..<20_000).map { _ in
            Content.Entry(id: numbers.id(), bytes: numbers.number(1...1 << 18))
        }
        let before = lists(entries)
        #expect(before.count > 10)
        #expect(before.flatMap { $0 } == entries)
        #expect(before.dropLast().allSatisfy { (128...4_096).contains($0.count) })
        let place = numbers.number(0...entries.count - 1)
        entries[place].id = numbers.id()
        #expect(lists(entries).filter { !before.contains($0) }.count <= 3)
        entries.remove(at: place)
        #expect(lists(entries).filter { !before.contains($0) }.count <= 3)
    }

    @Test("a list without a place to cut ends at 4,096 entries")
    func longList() {
        let bytes = [UInt8](repeating: 0xff, count: 32)
        let entry = bytes.withUnsafeBytes {
            Content.Entry(id: .init(at: $0.baseAddress!), bytes: 1)
        }
        let entries = Array(repeating: entry, count: 10_000)
        #expect(lists(entries).map(\.count) == [4_096, 4_096, 1_808])
    }
}
