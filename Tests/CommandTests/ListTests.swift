import TestSupport
import Testing
import VarveArchive
import VarveSystem

@testable import varve

@Suite("Lists of patterns and paths")
struct ListTests {
    private func patterns(_ text: String) throws -> [PatternFile.Line] {
        let variables = ["USER": "bob", "EMPTY": ""]
        return try PatternFile(name: "list", Array(text.utf8)) { variables[$0] }.lines
    }

    private func texts(_ paths: [[UInt8]]) -> [String] {
        paths.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("have comments, empty lines and white space that do not count, and variables")
    func patternFiles() throws {
        let text =
            "\u{feff}# rules\n\n \t *.o  \r\n  # more\n!/srv/$USER/a b\n${USER}s$$x${EMPTY}\n#"
        #expect(
            try patterns(text) == [
                .init(number: 3, pattern: Array("*.o".utf8)),
                .init(number: 5, pattern: Array("!/srv/bob/a b".utf8)),
                .init(number: 6, pattern: Array("bobs$x".utf8)),
            ])
    }

    @Test(
        "that could mean anything are refused with their line",
        arguments: [
            ("a\n$NOPE*", "list:2: the variable NOPE is not set"), ("${USER", "list:1: a `${`"),
            ("a$", "list:1: no variable"), ("$/x", "list:1: no variable"), ("a\0b", "NUL"),
        ])
    func senseless(_ text: String, _ sentence: String) {
        let error = #expect(throws: Failure.self) { try patterns(text) }
        #expect(error?.status == 64)
        #expect(error?.message.contains(sentence) == true)
    }

    @Test("of paths are taken as they are, or cut at NUL bytes, which must be there")
    func paths() throws {
        let list = PathList(name: "list", Array(" a \n\n#b\r\n*".utf8))
        #expect(texts(try list.verbatim()) == [" a ", "#b\r", "*"])
        #expect(texts(try PathList(name: "list", Array("a\n\0b\0".utf8)).raw()) == ["a\n", "b"])
        #expect(try PathList(name: "list", []).raw().isEmpty)
        for bytes in ["a\0b", "a\0\0", "a\n"].map({ Array($0.utf8) }) {
            #expect(throws: Failure.self) { try PathList(name: "list", bytes).raw() }
        }
        let raw = PathList(name: "list", Array("a\0b\0".utf8))
        #expect(throws: Failure.self) { try raw.verbatim() }
        #expect(throws: Failure.self) { try raw.globbed() }
    }

    @Test("of patterns name what is there; one that names nothing stands for itself")
    func globs() throws {
        let scratch = try ScratchDirectory()
        for name in ["b1", "a1", ".a", "c"] { try File.makeDirectory(scratch.path + "/" + name) }
        _ = try File.createExclusively(scratch.path + "/a1/x")
        func found(_ patterns: String) throws -> [String] {
            let text = patterns.replacing("@", with: scratch.path)
            return texts(try PathList(name: "list", Array(text.utf8)).globbed())
                .map { $0.replacing(scratch.path, with: "@") }
        }
        #expect(try found("# all\n @/?1 \n\n") == ["@/a1", "@/b1"])
        #expect(try found("@/*/x\n@/[^ab]") == ["@/a1/x", "@/c"])
        #expect(
            try found("@/*a*\n@/c\n@/nope\n@/*/nope/*") == [
                "@/.a", "@/a1", "@/c", "@/nope", "@/*/nope/*",
            ])
        #expect(throws: PatternError.self) { try found("@/[x") }
    }

    @Test("hold words that are no UTF-8 through a parser, and none becomes another")
    func rawText() {
        let words: [[UInt8]] = [
            [], Array("häßlich 🙂".utf8), [0xff], [0x61, 0xc3], [0xc3, 0xa4, 0xff, 0x62],
            Array("\u{10ff41}".utf8), [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x99],
        ]
        for word in words { #expect(RawText.bytes(RawText.text(word)) == word, "\(word)") }
        #expect(Set(words.map(RawText.text)).count == words.count)
        #expect(RawText.text(Array("plain".utf8)) == "plain")
    }

    @Test("let the rest go on when something in them is missing, with exit status 3")
    func missing() throws {
        let varve = try Program()
        for name in ["one", "two", "three"] { try varve.write(name, name) }
        try varve.run("init")
        try varve.write("\(varve.path("one"))\n\(varve.path("nope"))\n", "list")
        let verbatim = try varve.run("backup", "--files-from-verbatim", varve.path("list"))
        #expect(verbatim.status == 3)
        #expect(verbatim.errors.contains("\(varve.path("nope")): No such file or directory"))
        #expect(verbatim.output.contains("  files    1 new;"))
        let raw = try varve.shell(
            "cd ${HOME%/*}; printf 'one\\0two\\0' | $varve backup --files-from-raw - three")
        #expect(raw.status == 0)
        #expect(raw.output.contains(" of \(varve.path("one")), \(varve.path("three")), "))
        let nothing = try varve.shell("printf '#\\n' | $varve backup --files-from -")
        #expect(nothing.status == 64)
        #expect(nothing.errors.contains("the lists name nothing"))
        #expect(try varve.run("backup", "--files-from", "x", "--stdin", "y").status == 64)
    }

    @Test("of what is left out are told with the rule, its file and line")
    func reasons() throws {
        let varve = try Program()
        try File.makeDirectory(varve.path("source"))
        for name in ["a.O", "b.o", "c"] { try varve.write("1", "source/" + name) }
        try varve.run("init")
        try varve.write("# objects\n*.O\n", "rules")
        let run = try varve.run(
            "backup", "-v", varve.path("source"), "--iexclude-file", varve.path("rules"), "-e", "c")
        let rules = varve.path("rules")
        #expect(run.output.contains("/source/a.O  pattern *.O (\(rules):2)\n"))
        #expect(run.output.contains("/source/c  pattern c (--exclude)\n"))
        #expect(run.output.hasSuffix("  left out 3 by patterns\n"))
        let json = try varve.run("backup", "-v", "--json", varve.path("source"), "-e", "c")
        #expect(json.output.contains(#""reason":"pattern c (--exclude)","excluded_by":"pattern"}"#))
        #expect(json.output.contains(#""excluded":{"pattern":1,"marker":0,"#))
        let wrong = try varve.run("backup", varve.path("source"), "-e", "[z")
        #expect(wrong.status == 64)
        #expect(wrong.errors.hasPrefix("varve: the pattern '[z' (--exclude) makes no sense: "))
    }

    @Test("and words of any encoding reach the files that they name")
    func rawWords() throws {
        let varve = try Program()
        try File.makeDirectory(varve.path("source"))
        for name in [[0x61, 0xff], [0x62, 0xfe]] as [[UInt8]] {
            _ = try File.openDirectory(varve.path("source")).createFile(name)
        }
        try varve.run("init")
        let run = try varve.shell(
            "$varve backup --json \"${HOME%/*}/source\" -e \"$(printf 'a\\377')\"")
        #expect(run.status == 0)
        #expect(run.output.contains(#""files_new":1,"#))
    }

    @Test("and names that are not UTF-8 come with their bytes in JSON, and harmless in text")
    func rawNames() throws {
        let varve = try Program()
        try File.makeDirectory(varve.path("old"))
        for name in ["b_20240101", "c"].map({ Array($0.utf8) + [0xff] }) {
            _ = try File.openDirectory(varve.path("old")).createFile(name)
        }
        try varve.run("init")
        let (old, c) = (varve.path("old"), #""c\#u{fffd}""#)
        let plan = try varve.run(
            "import", old, "--time-from-name", "b_%Y%m%d*", "--json", "-n", "--name", "b")
        #expect(plan.output.contains(#""item_base64":"Yl8yMDI0MDEwMf8=""#))
        #expect(plan.output.contains(#""left_out":[\#(c)],"left_out_base64":["Y/8="]"#))
        let words = "$varve backup ${HOME%/*}/old \"$(printf '/c\\377')\""
        let backup = try varve.shell(words + " --json")
        #expect(backup.status == 3)
        #expect(backup.errors.contains(#""item":"/c\#u{fffd}","item_base64":"L2P/""#))
        #expect(try varve.shell(words).errors.contains("varve: /c\u{fffd}: "))
        for command in [
            ["restore", "latest:\(old)", "-t", varve.path("back")], ["verify", "latest"],
        ] {
            let run = try varve.runAlone(
                command + [
                    "-v", "--json", "-r", varve.path("repository"), "--key-file", varve.path("key"),
                ])
            #expect(run.output.contains(#"c\#u{fffd}","item_base64":""#), "\(run)")
        }
    }
}
