import Testing
import VarveSystem

@testable import varve

@Suite("The manual page")
struct ManualTests {
    /// The page as a terminal shows it, without emphasis and in lines of any length.
    private func shown() throws -> String {
        let varve = try Program()
        try varve.write(try varve.runAlone(["man"]).output, "varve.1")
        let run = try varve.shell("mandoc -T ascii -O width=1000 \"${HOME%/*}\"/varve.1")
        #expect(run.status == 0 && run.errors == "")
        // A letter is made bold by printing it twice.
        return String(
            decoding: run.output.utf8.reduce(into: [UInt8]()) { text, byte in
                if byte == 8 { text.removeLast() } else { text.append(byte) }
            }, as: UTF8.self)
    }

    @Test("is understood by mandoc without a warning")
    func lint() throws {
        let varve = try Program()
        try varve.write(try varve.runAlone(["man"]).output, "varve.1")
        let lint = try varve.shell("mandoc -T lint -W warning \"${HOME%/*}\"/varve.1")
        // The page has no date, since a program has a version.
        let lines = lint.output.split(separator: "\n").filter { !$0.contains("missing date") }
        #expect(lines == [])
        #expect(lint.errors == "")
    }

    @Test("has every command with every option, the words of restic and each exit status")
    func complete() throws {
        let page = try shown()
        let commands = CommandDescription.all(below: Varve.self, words: ["varve"])
        #expect(commands.count > 15)
        for command in commands {
            #expect(page.contains("\n   " + command.words.joined(separator: " ") + "\n"))
            #expect(page.contains(command.abstract.filter { $0 != "`" }))
            for argument in command.arguments { #expect(page.contains(argument.label)) }
        }
        for word in Aliases.table.keys { #expect(page.contains("varve \(word)")) }
        for meaning in Failure.meanings { #expect(page.contains(meaning.meaning)) }
        #expect(page.contains("varve snapshot create /srv -e '*.tmp' --exclude-caches --tag daily"))
    }

    @Test("examples in helps fit a terminal of 80 columns, where the help would break them in two")
    func examples() {
        let commands = CommandDescription.all(below: Varve.self, words: ["varve"])
        let lines = commands.flatMap { $0.discussion.split(separator: "\n") }
            .filter { $0.hasPrefix("  ") }
        #expect(lines.count > 30)
        #expect(lines.filter { $0.count >= 80 } == [])
    }

    @Test("escapes what troff would take for its own")
    func escaping() {
        #expect(Troff.plain(".a\\b 'c' -d") == "\\&.a\\eb \\(aqc\\(aq \\-d")
        #expect(Troff.prose("say `-x` or half-way") == "say \\fB\\-x\\fR or half-way")
        #expect(Troff.prose("one ` alone") == "one \\(ga alone")
        #expect(
            Troff.discussion("a\n\n  b\n  c\nd") == [
                ".PP", "a", ".PP", ".RS 4", ".nf", "b", "c", ".fi", ".RE", ".PP", "d",
            ])
    }
}
