import Testing

@testable import VarveRepository

@Suite("What is read ahead")
struct ReadPatternTests {
    private var pattern = ReadPattern<String>(streams: 2, framesAhead: 2, skipBytes: 50)

    private mutating func used(_ pack: String, _ frame: Range<Int>) -> [Int]? {
        pattern.used(pack, frame).map { [$0.offset, $0.count] }
    }

    @Test("is nothing for the first frame, nor for those that do not follow one another")
    mutating func random() {
        for frame in [0..<100, 500..<600, 250..<300, 900..<950, 0..<100] {
            #expect(used("a", frame) == nil)
        }
        #expect(used("b", 100..<200) == nil)
    }

    @Test("is what lies behind frames that follow one another, each once")
    mutating func inOrder() {
        #expect(used("a", 0..<100) == nil)
        #expect(used("a", 100..<200) == [200, 2])
        pattern.opened("a", from: 200, to: 400)
        #expect(used("a", 100..<200) == nil)
        #expect(used("a", 200..<300) == [400, 1])
        pattern.opened("a", from: 400, to: 500)
        #expect(used("a", 300..<400) == [500, 1])
    }

    @Test("goes on where the reader is when it fell behind, or when frames were left out")
    mutating func skipping() {
        #expect(used("a", 0..<100) == nil)
        #expect(used("a", 120..<200) == [200, 2])
        #expect(used("a", 200..<300) == [300, 2])
        #expect(used("a", 340..<400) == [400, 2])
        #expect(used("a", 500..<600) == nil)
    }

    @Test("is found for two readers at once, and forgotten for those that come after more")
    mutating func streams() {
        #expect(used("a", 0..<100) == nil)
        #expect(used("b", 0..<100) == nil)
        #expect(used("a", 100..<200) == [200, 2])
        #expect(used("b", 100..<200) == [200, 2])
        #expect(used("c", 0..<100) == nil)
        #expect(used("a", 200..<300) == nil)
    }
}
