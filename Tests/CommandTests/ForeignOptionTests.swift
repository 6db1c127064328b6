import Testing

@testable import varve

@Suite("Options of restic")
struct ForeignOptionTests {
    private let varve: Program

    init() throws {
        varve = try Program()
        try varve.write("one\n", "a")
        try varve.run("init")
    }

    @Test("that Varve has not are answered with a sentence")
    func unknown() throws {
        for name in ["--no-scan", "--no-lock"] {
            let run = try varve.run("backup", varve.path("a"), name, "1")
            #expect(run.status == 64)
            let sentence = try #require(ForeignOptions.table[name])
            #expect(run.errors == "varve: there is no \(name): \(sentence)\n")
        }
        #expect(ForeignOptions.sentence(about: ["--", "--no-lock"]) == nil)
        let value = try varve.run("backup", varve.path("a"), "--pack-size=100")
        #expect(value.errors.hasPrefix("varve: there is no --pack-size: "))
        let other = try varve.run("backup", varve.path("a"), "--nonsense")
        #expect(other.status == 64)
        #expect(other.errors.hasPrefix("varve: Unknown option '--nonsense'"))
    }

    @Test("that Varve has work as they do there")
    func known() throws {
        let cases = [
            ["-f"], ["-vv"], ["-x"], ["-q"], ["--tag", "a", "--tag", "b,c"], ["-H", "other"],
            ["--host", "other"], ["--time", "2012-11-01 22:08:41"], ["--description", "x"],
            ["--skip-if-unchanged"], ["--compression", "off"], ["--compression", "auto"],
            ["--parent", "latest"], ["--exclude-caches"], ["--exclude-if-present", ".no:header"],
            ["--exclude-larger-than", "1.5G"], ["--iexclude", "*.TMP"], ["--json"], ["-n"],
            ["--files-from", varve.path("list")], ["--exclude-file", varve.path("list")],
            ["--iexclude-file", varve.path("list")],
        ]
        try varve.write("# nothing\n\n", "list")
        for words in cases {
            let run = try varve.runAlone(
                ["backup", varve.path("a"), "-r", varve.path("repository"), "--key-file"]
                    + [varve.path("key")] + words)
            #expect(run.status == 0, "\(words): \(run.errors)")
        }
    }
}
