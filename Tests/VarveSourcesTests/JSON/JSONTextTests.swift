import Testing

@testable import VarveSources

@Suite("JSON texts")
struct JSONTextTests {
    @Test(
        "what RFC 8259 allows is read",
        arguments: [
            "{}", "[]", "0", "-0.5e+3", "1E9", "\"\"", "true", " null\n", "[1,[2,{\"a\":[]}]]",
            #"{"":1,"a\u0041\n":"\ud83d\ude00","ä":[{}]}"#, "\t[ 1 ,\r\n2 ]", #""\/\\\"""#,
            "\"\u{7f}\"",
            "[" + String(repeating: "[", count: 200) + String(repeating: "]", count: 201),
        ])
    func valid(text: String) throws {
        let json = try JSONText(Array(text.utf8))
        #expect(json.root.range.count <= text.utf8.count)
    }

    @Test(
        "anything else is refused, and where",
        arguments: [
            ("", "line 1, column 1: it ends where a value should be"),
            ("{\"a\":1", "line 1, column 7: it ends too early"),
            ("{\"a\":1,}", "line 1, column 8: a name should be here"),
            ("[1,]", "line 1, column 4: a value should be here"),
            ("[1 2]", "line 1, column 4: ',' should be here"),
            ("{\n \"a\" 1}", "line 2, column 6: ':' should be here"),
            ("01", "line 1, column 2: something stands behind the value"),
            ("1.", "line 1, column 3: a digit should be here"),
            ("-", "line 1, column 2: a digit should be here"),
            ("+1", "line 1, column 1: a value should be here"),
            ("nul", "line 1, column 1: a value should be here"),
            ("NaN", "line 1, column 1: a value should be here"),
            ("'a'", "line 1, column 1: a value should be here"),
            ("\"\t\"", "line 1, column 2: a control character in a string"),
            ("\"\\x\"", "line 1, column 3: an escape that JSON does not have"),
            ("\"\\u12g4\"", "line 1, column 4: four hexadecimal digits should be here"),
            ("\"a", "line 1, column 3: it ends in a string"),
            ("{} {}", "line 1, column 4: something stands behind the value"),
            ("\u{feff}{}", "line 1, column 1: a byte order mark"),
            (
                String(repeating: "[", count: 300),
                "line 1, column 257: it is nested too deeply"
            ),
        ])
    func invalid(text: String, reason: String) {
        #expect {
            try JSONText(Array(text.utf8))
        } throws: {
            "\($0)" == reason
        }
    }

    @Test("a string that is not UTF-8 is refused")
    func encoding() {
        #expect(throws: JSONText.Failure.self) { try JSONText([0x22, 0xff, 0x22]) }
    }

    @Test("no text that is cut short is whole, wherever that happens")
    func cut() throws {
        let whole = Array(#"{"a":[1,2.5e3,{"b":"x\u0041"}],"c":null}"#.utf8)
        _ = try JSONText(whole)
        for count in 0..<whole.count {
            #expect(throws: JSONText.Failure.self) { try JSONText(Array(whole[..<count])) }
        }
    }

    @Test("pointers lead where RFC 6901 says")
    func pointers() throws {
        let text = try JSONText(
            Array(
                #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"m~n":8," ":7,"\u00e4":{"x":[[5]]}}"#
                    .utf8))
        let expected = [
            "/foo/0": "\"bar\"", "/": "0", "/a~1b": "1", "/c%d": "2", "/m~0n": "8", "/ ": "7",
            "/ä/x/0/0": "5",
        ]
        for (pointer, value) in expected {
            let found = try #require(JSONPointer(pointer)?.value(in: text))
            #expect(String(decoding: text.bytes[found.range], as: UTF8.self) == value)
            #expect(JSONPointer(pointer)?.description == pointer)
        }
        #expect(JSONPointer("")?.value(in: text) == text.root)
        for missing in ["/bar", "/foo/2", "/foo/-1", "/foo/00", "/foo/-", "/ä/x/0/0/0"] {
            #expect(JSONPointer(missing)?.value(in: text) == nil)
        }
        for wrong in ["foo", "/a~", "/a~2"] { #expect(JSONPointer(wrong) == nil) }
    }

    @Test("of a name that comes twice the last counts")
    func twice() throws {
        let text = try JSONText(Array(#"{"a":1,"a":2}"#.utf8))
        let found = try #require(JSONPointer("/a")?.value(in: text))
        #expect(text.bytes[found.range] == [UInt8(ascii: "2")])
    }

    @Test("a digest is of what is said, not of how it is written")
    func digests() throws {
        func digest(_ text: String) throws -> String {
            let text = try JSONText(Array(text.utf8))
            return JSONDigest.hex(of: text.root, in: text)
        }
        let first = try digest(#"{"b":[1, 2],"a":{"x":"y","w":null}}"#)
        #expect(try digest("{ \"a\" :\n{\"w\":null, \"x\":\"y\"},\"b\":[1,2] }") == first)
        for other in [
            #"{"b":[2,1],"a":{"x":"y","w":null}}"#, #"{"b":[1,2],"a":{"x":"y "}}"#,
            #"{"b":[12],"a":{"x":"y","w":null}}"#, #"{"b":"[1,2]","a":{"x":"y","w":null}}"#,
        ] {
            #expect(try digest(other) != first)
        }
    }

    @Test(
        "a value is put in its place, and nothing else is touched",
        arguments: [
            ("/a", #"{"a" : 1 , "b":2}"#, #"{"a" : [9] , "b":2}"#),
            ("/b/1", "{\"b\":[1,\n 2]}", "{\"b\":[1,\n [9]]}"),
            ("", " 1\n", " [9]\n"),
            (
                "/c", "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
                "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": [9]\n}\n"
            ),
            ("/c", #"{"a":1}"#, #"{"a":1,"c":[9]}"#),
            ("/o/x~1\"\u{1}", "{\"o\":{ }}", "{\"o\":{\"x/\\\"\\u0001\": [9]}}"),
        ])
    func splice(pointer: String, before: String, after: String) throws {
        let text = try JSONText(Array(before.utf8))
        let pointer = try #require(JSONPointer(pointer))
        let made = try JSONSplice(pointer, of: text, path: "f").text(with: Array("[9]".utf8)[...])
        #expect(String(decoding: made, as: UTF8.self) == after)
        let found = try JSONText(made)
        #expect(pointer.value(in: found).map { found.bytes[$0.range].count } == 3)
    }

    @Test("what has no object to stand in is refused", arguments: ["/a/b", "/x/y", "/l/7"])
    func noParent(pointer: String) throws {
        let text = try JSONText(Array(#"{"a":1,"l":[]}"#.utf8))
        #expect(throws: SourceError.self) {
            try JSONSplice(#require(JSONPointer(pointer)), of: text, path: "f")
        }
    }
}
