import Testing

@testable import VarveJobs

@Suite("YAML of settings")
struct YAMLTests {
    private func node(_ text: String) throws(Mistake) -> YAMLNode? {
        try YAMLReading.node(of: Array(text.utf8))
    }

    private func refusal(_ text: String) -> Mistake? {
        do throws(Mistake) {
            _ = try node(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "every scalar is a text, whatever it looks like",
        arguments: [
            "no", "yes", "on", "0o17", "010", "1_000", "12:30:45", "1e3", ".inf", "2026-11-22", "=",
            "<<",
            "0x1F", "NO", "true",
        ])
    func scalars(text: String) throws {
        let node = try #require(try node("a: \(text)"))
        #expect(
            node.content
                == .mapping([
                    YAMLEntry(
                        key: "a", keyPlace: FilePlace(line: 1, column: 1),
                        value: YAMLNode(
                            content: .text(text, isPlain: true),
                            place: FilePlace(line: 1, column: 4)))
                ]))
    }

    @Test("quotes make a text of what is nothing without them")
    func nothing() throws {
        func value(_ text: String) throws -> YAMLNode.Content? {
            guard case .mapping(let entries) = try node(text)?.content else { return nil }
            return entries.first?.value.content
        }
        for text in ["a:", "a: ~", "a: null", "a: # nothing"] {
            #expect(try value(text) == .empty)
        }
        #expect(try value("a: ''") == .text("", isPlain: false))
        #expect(try value("a: 'null'") == .text("null", isPlain: false))
        #expect(try value("a: !!str b") == .text("b", isPlain: true))
        #expect(try node("") == nil)
        #expect(try node("# nothing\n") == nil)
        #expect(try node("---\n") == nil)
    }

    @Test(
        "what is refused, and where",
        arguments: [
            ("a: &x 1", 1, 4, "anchors"), ("a: 1\nb: *x", 2, 4, "anchors"),
            ("&x a: 1", 1, 1, "anchors"), ("- - &x 1", 1, 5, "anchors"),
            ("a: !!map &x {}", 1, 10, "anchors"), ("a: [&x b]", 1, 5, "anchors"),
            ("a: !!int 1", 1, 4, "tag"), ("a: !mine b", 1, 4, "tag"),
            ("a: 1\n---\nb: 2", 2, 1, "second document"), ("a: 1\na: 2", 1, 1, "'a' stands twice"),
            ("1: x\n'1': y", 1, 1, "'1' stands twice"), ("? [a]\n: b", 1, 3, "key is a text"),
            ("? ~\n: b", 1, 3, "key is a text"), ("a: 'b", 1, 6, "no YAML"),
            ("a:\n\t- b", 2, 1, "no YAML"),
            ("a: @b", 1, 4, "no YAML"),
        ])
    func refused(text: String, line: Int, column: Int, reason: String) throws {
        let mistake = try #require(refusal(text))
        #expect(mistake.text.contains(reason), "\(mistake)")
        #expect(mistake.place == FilePlace(line: line, column: column), "\(mistake)")
    }

    @Test("an ampersand within a value is none of an anchor's")
    func ampersands() {
        for text in ["a: b & c", "a: b && c", "a: x 2>&1", "a: 'x &y'", "a: b &c"] {
            #expect(refusal(text) == nil, "\(text)")
        }
    }

    @Test("aliases that multiply are refused before anything is made of them")
    func bomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for number in 1..<30 {
            let parts = Array(repeating: "*a\(number - 1)", count: 10).joined(separator: ", ")
            text += "a\(number): &a\(number) [\(parts)]\n"
        }
        #expect(refusal(text + "? *a29\n: x\n")?.text.contains("anchors") == true)
    }

    @Test("depth and size are bounded")
    func bounds() throws {
        let deep = { (count: Int) in
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        #expect(refusal(deep(YAMLReading.depthMax - 1)) == nil)
        #expect(refusal(deep(YAMLReading.depthMax + 1))?.text.contains("levels deep") == true)
        for text in [deep(90_000), String(repeating: "- ", count: 100_000) + "x"] {
            #expect(refusal(text) != nil)
        }
        let long = String(repeating: "#", count: YAMLReading.bytesMax)
        #expect(refusal(long) == nil)
        #expect(refusal(long + "#")?.text.contains("256 KiB") == true)
        #expect(throws: Mistake.self) { try YAMLReading.node(of: [0x61, 0x3a, 0x20, 0xff]) }
        #expect(throws: Mistake.self) { try YAMLReading.node(of: [0x61, 0x3a, 0x20, 0x00]) }
    }

    @Test("the nearest word is one that a slip of the finger explains")
    func nearest() {
        let known = ["exclude", "sources", "keep_daily"]
        for (word, meant) in [
            ("exlude", "exclude"), ("source", "sources"), ("keep_dialy", "keep_daily"),
            ("excludes", "exclude"),
        ] { #expect(NearestWord.of(word, among: known) == meant) }
        #expect(NearestWord.of("hooks", among: known) == nil)
        #expect(NearestWord.of("", among: known) == nil)
    }
}
