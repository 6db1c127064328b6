import Testing

@Suite("Sizes")
struct SizeTests {
    let tree: SourceTree

    init() throws { tree = try SourceTree.current.get() }

    @Test("no Swift file has over 400 lines")
    func files() {
        let long = tree.files.filter { $0.isSwift && $0.lines.count - 1 > 400 }
        #expect(long.map { "\($0.path): \($0.lines.count - 1) lines" } == [])
    }

    @Test("no function body has over 70 lines")
    func functions() {
        var measured = 0
        var long: [String] = []
        for file in tree.code where file.path != "Package.swift" {
            let bodies = FunctionBodies.all(in: file.lines)
            measured += bodies.count
            for body in bodies where body.lineCount > 70 {
                long.append("\(file.path):\(body.line + 1): \(body.lineCount) lines")
            }
        }
        #expect(long == [])
        #expect(measured > 500, "few functions were found, so the search for them is wrong")
    }

    @Test("a body is measured between its braces, whatever they look like")
    func measuring() {
        let lines = [
            "func a(_ b: () -> Void = { print(1) })", "    throws", "{", "    let x = { 1 }", "",
            "}",
            "protocol P {", "    func p() -> Int", "    func q()", "}",
            "var a: Int {", "    get { 1 }", "}", "init() { self.init(1) }",
            "var b = 1", "deinit {", "    b()", "    if c { }", "}",
        ]
        let bodies = FunctionBodies.all(in: SwiftCode.blanked(lines))
        #expect(bodies.map(\.line) == [0, 10, 13, 15])
        #expect(bodies.map(\.lineCount) == [2, 1, 0, 2])
    }
}
