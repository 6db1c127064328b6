import Testing
import VarveFormat

@testable import VarveMount

@Suite("A piece of a directory")
struct DirectoryPieceTests {
    @Test("finds each name that it has, and no other", arguments: [0, 1, 50])
    func index(count: Int) {
        let names = (0..<count).map { Array("\(100 + 2 * $0)".utf8) }
        let piece = DirectoryPiece(names.map { Node(kind: .fifo, name: $0) })
        for (index, name) in names.enumerated() { #expect(piece.index(of: name) == index) }
        for other in ["", "1", "101", "199", "9"] {
            #expect(piece.index(of: Array(other.utf8)) == nil)
        }
        #expect(piece.byteCount > 0)
    }
}
