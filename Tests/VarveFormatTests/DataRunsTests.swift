import Testing
import VarveFormat

@Suite("Where bytes lie in a file with holes")
struct DataRunsTests {
    private let runs: DataRuns

    init() {
        var node = Node(kind: .file, name: [1])
        node.content = Content(size: 30, depth: 0, entries: [])
        node.holes = [
            Node.Hole(dataBytes: 0, holeBytes: 100), Node.Hole(dataBytes: 10, holeBytes: 50),
            Node.Hole(dataBytes: 20, holeBytes: 5),
        ]
        runs = DataRuns(node)
    }

    @Test("is answered for a range of the file")
    func pieces() {
        #expect(runs.pieces(inFile: 0..<100) == [])
        #expect(
            runs.pieces(inFile: 0..<1_000) == [
                .init(content: 0, file: 100, count: 10), .init(content: 10, file: 160, count: 20),
            ])
        #expect(
            runs.pieces(inFile: 105..<161) == [
                .init(content: 5, file: 105, count: 5), .init(content: 10, file: 160, count: 1),
            ])
        #expect(runs.pieces(inFile: 180..<185) == [])
    }

    @Test("is answered for who looks for data or for holes")
    func stretches() {
        #expect(
            [0, 100, 109, 110, 170, 179].map { runs.data(from: $0) } == [
                100, 100, 109, 160, 170, 179,
            ])
        #expect(runs.data(from: 180) == nil)
        #expect(
            [0, 99, 100, 109, 110, 165, 180, 184].map { runs.hole(from: $0) } == [
                0, 99, 110, 110, 110, 180, 180, 184,
            ])
    }
}
