import Testing
import VarveArchive
import VarveFormat
import VarveRepository

@testable import varve

@Suite("Output")
struct OutputTests {
    @Test("control characters in names never reach a terminal")
    func controls() {
        #expect(Shown.text("a\u{1b}[2Jb\n") == "a\u{fffd}[2Jb\u{fffd}")
        #expect(Shown.text("häßlich") == "häßlich")
        let line: JSONValue = ["a\"\\": .text("\u{1b}\n\u{7f}")]
        #expect(line.line == #"{"a\"\\":"\u001b\n\u007f"}"#)
    }

    @Test("names that are not UTF-8 come with their bytes")
    func rawNames() {
        let plain = Shown.fields("path", Array("/ä".utf8))
        #expect(plain == [JSONValue.Field("path", "/ä")])
        let raw = Shown.fields("path", [0x2f, 0xff])
        #expect(raw == [JSONValue.Field("path", "/\u{fffd}"), .init("path_base64", "L/8=")])
    }

    @Test("base64 pads as it should")
    func base64() {
        #expect(Shown.base64([]) == "")
        #expect(Shown.base64(Array("f".utf8)) == "Zg==")
        #expect(Shown.base64(Array("fo".utf8)) == "Zm8=")
        #expect(Shown.base64(Array("foobar".utf8)) == "Zm9vYmFy")
    }

    @Test("JSON keeps the order of its fields, and is no text for what is no number")
    func json() {
        let value: JSONValue = ["b": 1, "a": [true, nil, "x"], "c": .number(.infinity), "d": []]
        #expect(value.line == #"{"b":1,"a":[true,null,"x"],"c":null,"d":[]}"#)
        let shorter: JSONValue = ["a": [1], "b": []]
        #expect(
            shorter.adding("c", "x").lines == """
                {
                  "a": [
                    1
                  ],
                  "b": [],
                  "c": "x"
                }
                """)
    }

    @Test("a table is as wide as it needs to be and drops empty columns")
    func tables() {
        var table = Table([("ID", .left), ("Size", .right), ("Tags", .left), ("Host", .left)])
        table.add(["1", "12 B", "", "a"])
        table.add(["22", "1 B", "", "bb"])
        #expect(table.lines == ["ID  Size  Host", "1   12 B  a", "22   1 B  bb"])
    }

    @Test("the live line fits the terminal and shows the end of the path")
    func liveLine() {
        var reading = Progress().reading
        (reading.files, reading.bytes) = (2, 512 << 20)
        (reading.filesTotal, reading.bytesTotal) = (4, 1 << 30)
        reading.current = "/srv/" + String(repeating: "x", count: 100) + "/end"
        let text = ProgressText(reading: reading, elapsed: 2_000_000_000, rate: 256e6)
        let line = text.line(width: 80)
        #expect(line.hasPrefix(" 50 %  2 of 4 files  512 MiB of 1.0 GiB  244 MiB/s  0:02 left  "))
        #expect(line.hasSuffix("x/end"))
        for width in 1..<120 { #expect(text.line(width: width).count < width) }
    }

    @Test("modes are shown as ls shows them")
    func modes() {
        var node = Node(kind: .directory, name: [0x61])
        node.mode = 0o2755
        #expect(NodeText.permissions(node) == "drwxr-sr-x")
        node.kind = .file
        node.mode = 0o4640
        #expect(NodeText.permissions(node) == "-rwSr-----")
        node.mode = 0o1777
        #expect(NodeText.permissions(node) == "-rwxrwxrwt")
    }
}
