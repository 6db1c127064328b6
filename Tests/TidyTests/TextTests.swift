import Testing

@Suite("Texts")
struct TextTests {
    let tree: SourceTree

    init() throws { tree = try SourceTree.current.get() }

    @Test("nothing is left to be done in a comment")
    func remarks() {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        #expect(places { line in marks.contains { containsWord(line, $0) } } == [])
    }

    @Test("nothing mentions a directory of a developer's machine")
    func machines() {
        #expect(places(where: namesMachine) == [])
        let examples = ["at /wo" + "rk/x", "\"/ho" + "me/anna\"", "(/Us" + "ers/anna/x)"]
        #expect(examples.allSatisfy(namesMachine))
        #expect(
            !["build/wo" + "rk/x", "$X/ho" + "me/x", "/ho" + "me", "/wo" + "rker/"].contains(
                where: namesMachine))
    }

    private func places(where isSought: (String) -> Bool) -> [String] {
        #expect(tree.files.count > 100)
        return tree.files.flatMap { $0.places(where: isSought) }
    }

    private func containsWord(_ line: String, _ word: String) -> Bool {
        line.ranges(of: word).contains { range in
            let around = [line[..<range.lowerBound].last, line[range.upperBound...].first]
            return !around.contains { $0.map { $0.isLetter || $0.isNumber } ?? false }
        }
    }

    private func namesMachine(_ line: String) -> Bool {
        guard
            line.contains("/wo" + "rk/") || line.contains("/ho" + "me/")
                || line.contains("/Us" + "ers/")
        else { return false }
        return line.contains(#/(?:^|[^\w.\-\/}])\/(?:work\/|home\/[a-z]|Users\/[A-Za-z])/#)
    }
}
