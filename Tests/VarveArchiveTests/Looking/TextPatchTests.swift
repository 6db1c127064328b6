import Testing

@testable import VarveArchive

@Suite("Changes of texts")
struct TextPatchTests {
    private func patch(_ old: String?, _ new: String?) -> [String] {
        let side = { (text: String?) in
            text.map { PatchedFile(path: Array("/f".utf8), bytes: Array($0.utf8)) } ?? .none
        }
        return TextPatch.lines(side(old), side(new))
    }

    @Test("come as a unified diff")
    func unified() {
        #expect(
            patch("one\ntwo\n", "one\n2\n") == [
                "--- a/f", "+++ b/f", "@@ -1,2 +1,2 @@", " one", "-two", "+2",
            ])
        #expect(patch("same\n", "same\n") == [])
    }

    @Test("say when a last line has no end")
    func lastLine() {
        let end = "\\ No newline at end of file"
        #expect(
            patch("one\n", "one") == [
                "--- a/f", "+++ b/f", "@@ -1,1 +1,1 @@", "-one", "+one", end,
            ])
    }

    @Test("tell lines apart by their bytes, however alike they look")
    func composed() {
        let (one, two) = ("caf\u{e9}", "cafe\u{301}")
        #expect(one == two)
        let found = patch("a\n\(one)\n", "b\n\(two)\n").dropFirst(3).map { Array($0.utf8) }
        #expect(found == ["-a", "-\(one)", "+b", "+\(two)"].map { Array($0.utf8) })
        #expect(!patch("\(one)\n", "\(two)\n").isEmpty)
    }

    @Test("name files in quotes where a name could be taken for more than that")
    func names() {
        func header(_ path: [UInt8]) -> String {
            let side = { (text: String) in PatchedFile(path: path, bytes: Array(text.utf8)) }
            return TextPatch.lines(side("a\n"), side("b\n")).first ?? ""
        }
        #expect(header(Array("/a b \u{e9}".utf8)) == "--- a/a b \u{e9}")
        #expect(
            header(Array("/a\n--- q\t\"\\".utf8) + [0xff, 0x1b])
                == #"--- "a/a\012--- q\011\"\\\377\033""#)
    }

    @Test("name /dev/null where there is no file")
    func none() {
        #expect(patch(nil, "a\n").prefix(2) == ["--- /dev/null", "+++ b/f"])
        #expect(patch("a\n", nil).last == "-a")
    }

    @Test("are one sentence for what is no text, or too long")
    func binary() {
        #expect(patch("a\0b", "c\n") == ["Binary files a/f and b/f differ"])
        let invalid = PatchedFile(path: Array("/f".utf8), bytes: [0xff, 0x0a])
        #expect(TextPatch.lines(invalid, invalid) == ["Binary files a/f and b/f differ"])
        let long = PatchedFile(path: Array("/f".utf8), bytes: nil)
        #expect(TextPatch.lines(long, long) == ["Files a/f and b/f differ: longer than 1 MiB"])
    }
}
