import TestSupport
import Testing

@testable import VarveFormat

@Suite("A proof's grade")
struct ProofGradeTests {
    @Test("comes back from its text, with its time", arguments: ProofGrade.Level.allCases)
    func text(level: ProofGrade.Level) {
        let grade = ProofGrade(level, time: 1_763_776_800_123_456_789)
        let isProven = level > .stored
        #expect(grade.text.isEmpty != isProven)
        #expect(ProofGrade(text: grade.text) == (isProven ? grade : ProofGrade(.stored, time: nil)))
    }

    @Test("is none when the text is another one")
    func otherTexts() {
        let time = Timestamp.text(nanoseconds: 5)
        for text in [
            "", "read", "read ", " " + time, "stored " + time, "Read " + time, "read  " + time,
            "read \(time) ", "proven " + time, "read 2026-11-22", "read\n" + time,
        ] {
            #expect(ProofGrade(text: text) == ProofGrade(.stored, time: nil), "\(text)")
        }
    }

    @Test("goes from stored to queried")
    func order() {
        #expect(ProofGrade.Level.allCases == [.stored, .read, .restored, .queried])
        #expect(ProofGrade.Level.allCases.sorted() == ProofGrade.Level.allCases)
    }
}
