import TestSupport
import Testing

@testable import VarveArchive

@Suite("Differences between texts")
struct LineDiffTests {
    private func texts(_ diff: LineDiff) -> (old: [String], new: [String], edits: Int) {
        var (old, new, edits) = ([String](), [String](), 0)
        for change in diff.changes {
            switch change {
            case .same(let line):
                old.append(line)
                new.append(line)
            case .removed(let line):
                old.append(line)
                edits += 1
            case .added(let line):
                new.append(line)
                edits += 1
            }
        }
        return (old, new, edits)
    }

    /// Insertions and deletions of the shortest script, by the longest common subsequence.
    private func fewest(_ old: [String], _ new: [String]) -> Int {
        var common = [[Int]](
            repeating: [Int](repeating: 0, count: new.count + 1), count: old.count + 1)
        for i in old.indices {
            for j in new.indices {
                common[i + 1][j + 1] =
                    old[i] == new[j]
                    ? common[i][j] + 1 : max(common[i][j + 1], common[i + 1][j])
            }
        }
        return old.count + new.count - 2 * common[old.count][new.count]
    }

    @Test(
        "they lead from one to the other, and none is shorter",
        arguments: 1...20 as ClosedRange<UInt64>)
    func shortest(seed: UInt64) {
        var random = SeededNumbers(seed)
        for _ in 0..<100 {
            let letters = random.number(1...5)
            let old = (0..<random.below(14)).map { _ in "\(random.below(letters))" }
            let new = (0..<random.below(14)).map { _ in "\(random.below(letters))" }
            let diff = LineDiff(old, new)
            let found = texts(diff)
            #expect(found.old == old && found.new == new)
            #expect(found.edits == fewest(old, new), "\(old) \(new)")
        }
    }

    @Test("texts that have nothing in common are replaced as a whole")
    func large() {
        let old = (0..<3_000).map { "a\($0)" }
        let new = (0..<3_000).map { "b\($0)" }
        let found = texts(LineDiff(old, new))
        #expect(found.old == old && found.new == new)
    }

    @Test("a unified diff shows what changes with what is around it")
    func unified() {
        let old = (1...20).map { "\($0)" }
        var new = old
        new[2] = "three"
        new.remove(at: 15)
        new.insert("x", at: 17)
        #expect(
            LineDiff(old, new).unified(context: 2) == [
                "@@ -1,5 +1,5 @@", " 1", " 2", "-3", "+three", " 4", " 5", "@@ -14,7 +14,7 @@",
                " 14", " 15", "-16", " 17", " 18", "+x", " 19", " 20",
            ])
        #expect(LineDiff(old, old).unified(context: 3) == [])
        #expect(LineDiff([], ["a"]).unified(context: 3) == ["@@ -0,0 +1,1 @@", "+a"])
    }
}
