import TestSupport
import Testing
import VarveFormat

@testable import VarveMount

@Suite("The cache of decoded directories")
struct PieceCacheTests {
    private func piece(_ names: Int) -> DirectoryPiece {
        DirectoryPiece((0..<names).map { Node(kind: .fifo, name: Array("\($0)".utf8)) })
    }

    @Test("never takes much more than it may, and keeps what is used")
    func bound() {
        let one = piece(100).byteCount
        let cache = PieceCache(bytesMax: one * 10)
        var loads = 0
        for round in 0..<1_000 {
            for number in [0, round] {
                _ = cache.piece(.init(directory: number, piece: 0)) {
                    loads += 1
                    return piece(100)
                }
            }
            #expect(cache.byteCount <= one * 10)
        }
        #expect(loads == 1_000)
    }

    @Test("gives a piece out that is larger than all it may take")
    func large() {
        let cache = PieceCache(bytesMax: 10)
        let found = cache.piece(.init(directory: 1, piece: 0)) { piece(50) }
        #expect(found.nodes.count == 50)
        #expect(found.index(of: Array("7".utf8)) == nil || found.nodes[7].name == Array("7".utf8))
    }
}
