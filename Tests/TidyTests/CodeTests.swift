import Testing

@Suite("Code")
struct CodeTests {
    let code: [SourceFile]

    init() throws { code = try SourceTree.current.get().code }

    @Test("the whole tree is read")
    func tree() {
        #expect(code.count > 100)
        #expect(code.contains { $0.name == "CodeTests.swift" })
    }

    @Test("nothing traps where it could throw: no forced try, cast or fatal error")
    func traps() {
        #expect(places(of: ["try!", "as!", "fatal" + "Error("]) == [])
    }

    @Test("no test expects what is always true")
    func emptyExpectations() {
        #expect(places(of: ["#expect(" + "true)", "#require(" + "true)"]) == [])
    }

    @Test("nothing is written with the atomic option, which syncs no directory")
    func atomicWrites() {
        let option = "." + "atomic"
        let found = code.flatMap { file in
            file.places { line in
                line.ranges(of: option).contains { range in
                    line[range.upperBound...].first.map { !$0.isLetter && $0 != "(" } ?? true
                }
            }
        }
        #expect(found == [])
    }

    @Test("comments and the contents of literals are not taken for code")
    func blanking() {
        let long = String(repeating: "\"", count: 3)
        let lines = [
            #"let a = "try! \(b("as!") + c) { \" }" + d // x"#, "/* { /* } */ {", "*/ e", long,
            "  { try!", "  " + long + " + " + ##"#"} "\"#"##, ##"f(#/"{/#)"##,
        ]
        let expected = [
            #"let a = "(b("") + c)" + d"#, "", "e", long, "", long + " + " + ##"#""#"##,
            "f(#//#)",
        ]
        let blanked = SwiftCode.blanked(lines)
        #expect(blanked.map { $0.filter { $0 != " " } } == expected.map { $0.filter { $0 != " " } })
        #expect(blanked.map(\.utf8.count) == lines.map(\.utf8.count))
    }

    private func places(of banned: [String]) -> [String] {
        code.flatMap { file in
            file.places { line in banned.contains { contains(line, $0) } }
        }
    }

    /// Whether `word` stands in a line and is not the end of a longer one.
    private func contains(_ line: String, _ word: String) -> Bool {
        line.ranges(of: word).contains { range in
            line[..<range.lowerBound].last.map { !$0.isLetter && !$0.isNumber } ?? true
        }
    }
}
