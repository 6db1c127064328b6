import TestSupport
import Testing
import VarveFormat

struct ContentTests {
    private func content(
        size: UInt64, depth: UInt8, lengths: [UInt64], lastID: Bool = true
    ) -> [UInt8] {
        written { writer in
            writer.write(varint: size)
            writer.write(depth)
            writer.write(count: lengths.count + (lastID ? 1 : 0))
            for length in lengths {
                writer.write(ChunkID.zero)
                writer.write(varint: length)
            }
            if lastID { writer.write(ChunkID.zero) }
        }
    }

    private func refuses(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try ByteReader.decode(bytes, Content.init)
            return false
        } catch { return true }
    }

    @Test("lengths that do not leave a last one are refused")
    func lengths() {
        #expect(!refuses(content(size: 3, depth: 0, lengths: [1, 1])))
        #expect(refuses(content(size: 2, depth: 0, lengths: [1, 1])))
        #expect(refuses(content(size: 3, depth: 0, lengths: [0, 1])))
        #expect(refuses(content(size: 3, depth: 0, lengths: [4])))
        #expect(refuses(content(size: 3, depth: 0, lengths: [.max, 4])))
        #expect(refuses(content(size: .max, depth: 1, lengths: [])))
        #expect(refuses(content(size: 1 << 60 + 1, depth: 1, lengths: [])))
        #expect(!refuses(content(size: 1 << 60, depth: 1, lengths: [])))
    }

    @Test("a chunk is at most 16 MiB, a list covers any length")
    func chunkLength() {
        #expect(!refuses(content(size: 16 << 20, depth: 0, lengths: [])))
        #expect(refuses(content(size: 16 << 20 + 1, depth: 0, lengths: [])))
        #expect(!refuses(content(size: 16 << 20 + 1, depth: 1, lengths: [])))
    }

    @Test("an empty stream has no entries and no depth, and no other has none")
    func empty() {
        #expect(!refuses([0, 0, 0]))
        #expect(refuses([0, 1, 0]))
        #expect(refuses([1, 0, 0]))
        #expect(refuses(content(size: 0, depth: 0, lengths: [])))
    }

    @Test("lists nine deep are refused")
    func depth() {
        #expect(!refuses(content(size: 1, depth: 8, lengths: [])))
        #expect(refuses(content(size: 1, depth: 9, lengths: [])))
    }

    @Test("a count is held to its limit and to the bytes that are there")
    func count() {
        #expect(refuses([1, 0] + written { $0.write(varint: .max) }))
        #expect(refuses([1, 0] + written { $0.write(count: 4_097) }))
        #expect(refuses(content(size: 10, depth: 0, lengths: [1, 1], lastID: false)))
    }

    @Test("a chunk list is of the depth and covers the bytes that are asked for")
    func chunkList() throws {
        let entries = [ChunkID.zero, .zero].map { Content.Entry(id: $0, bytes: 5) }
        let bytes = ChunkList(depth: 1, entries: entries).encoded
        func decode(_ depth: Int, _ covered: Int) throws -> ChunkList {
            try bytes.withUnsafeBytes { try ChunkList($0, depth: depth, covering: covered) }
        }
        #expect(try decode(1, 10).entries == entries)
        for (depth, covered) in [(0, 10), (2, 10), (1, 9), (1, 11), (1, 0), (1, -1)] {
            #expect(throws: FormatError.self) { try decode(depth, covered) }
        }
    }

    @Test("an empty chunk list is refused")
    func emptyList() {
        #expect(throws: FormatError.self) {
            try [0, 0].withUnsafeBytes { try ChunkList($0, depth: 0, covering: 0) }
        }
    }
}
