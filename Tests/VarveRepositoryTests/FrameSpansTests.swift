import Synchronization
import TestSupport
import Testing
import VarveStorage
import VarveSystem

@testable import VarveRepository

@Suite("Spans that are read ahead")
struct FrameSpansTests {
    private let storage = MemoryStorage()
    private let far: FarStorage
    private let bytes = randomBytes(40_000)
    private let memory = FrameMemory(usualBytes: ReadLimits.spanBytes, spares: 2)
    private let pack = "packs/data/00/pack"

    init() throws {
        far = FarStorage(storage, staging: "/dev/null")
        try storage.put(pack, bytes)
    }

    /// Spans of a thousand bytes, with two tasks each.
    private func spans(_ count: Int) -> [FrameSpan] {
        (0..<count).map {
            FrameSpan(
                pack: pack, range: $0 * 1_000..<$0 * 1_000 + 1_000, tasks: $0 * 2..<$0 * 2 + 2)
        }
    }

    @Test("are each read once, and no more of them are in memory than may be")
    func bounded() throws {
        let spans = FrameSpans(spans(40), far, memory)
        try spans.start()
        try wait(for: "spans") { far.history.count >= ReadLimits.spansAhead }
        // Whoever did not keep to the bound would be far ahead by now.
        Clock.sleep(nanoseconds: 50_000_000)
        for task in 0..<80 {
            let start = task * 500
            spans.with(task, start..<start + 500) { found in
                #expect(found.map(Array.init) == Array(bytes[start..<start + 500]))
                #expect(far.history.count <= task / 2 + ReadLimits.spansAhead + 1)
            }
        }
        spans.stop()
        #expect(far.history.count == 40)
    }

    @Test("are read by who needs them when nobody has come to that")
    func needed() throws {
        let spans = FrameSpans(spans(40), far, memory)
        for task in (0..<80).reversed() {
            let start = task * 500
            spans.with(task, start..<start + 500) { found in
                #expect(found.map(Array.init) == Array(bytes[start..<start + 500]))
            }
        }
        #expect(far.history.count == 40)
    }

    @Test("what cannot be read, or is too long to be a frame, is left to who needs it")
    func unreadable() throws {
        var wrong = spans(3)
        wrong[0].range = 39_500..<40_500
        wrong[1].range = 0..<ReadLimits.spanBytes + 1
        let spans = FrameSpans(wrong, far, memory)
        try spans.start()
        for task in 0..<4 {
            spans.with(task, wrong[task / 2].range) { #expect($0 == nil) }
        }
        for task in 4..<6 { spans.with(task, 2_000..<2_010) { #expect($0?.count == 10) } }
        spans.stop()
        #expect(far.history.count == 2)
    }

    @Test("end when the work on them does, whoever waits")
    func stopped() throws {
        let spans = FrameSpans(spans(40), far, memory)
        try spans.start()
        try? spans.with(0, 0..<500) { _ in throw StorageError(.failed, "a test", "made to fail") }
        spans.stop()
        #expect(far.history.count <= ReadLimits.spansAhead + 1)
    }

    @Test("hold frames that follow each other closely, up to a length")
    func reach() {
        let span = FrameSpan(pack: "a", range: 1_000..<2_000, tasks: 0..<1)
        let gap = ReadLimits.spanGapBytes
        #expect(span.reaches(2_000..<3_000, of: "a"))
        #expect(span.reaches(2_000 + gap..<3_000 + gap, of: "a"))
        #expect(!span.reaches(2_001 + gap..<3_000 + gap, of: "a"))
        #expect(!span.reaches(2_000..<3_000, of: "b"))
        #expect(!span.reaches(900..<950, of: "a"))
        #expect(span.reaches(2_000..<1_000 + ReadLimits.spanBytes, of: "a"))
        #expect(!span.reaches(2_000..<1_001 + ReadLimits.spanBytes, of: "a"))
    }
}
