import ArgumentParser
import Testing
import VarveSystem

@testable import varve

/// The sessions that documents show are run, in order, and their output is held against what is shown.
@Suite("A documented session")
struct SessionTests {
    @Test(
        "is what the program does",
        arguments: [
            ("README.md", "A session"), ("docs/COMMANDS.md", "A session"),
            ("docs/COMMANDS.md", "Looking into snapshots"),
            ("docs/COMMANDS.md", "A key that was stolen"), ("docs/COMMANDS.md", "A second copy"),
        ])
    func sessions(_ document: String, _ heading: String) throws {
        let session = DocumentedSession(try Self.text(of: document), heading: heading)
        #expect(session.steps.count > 10)
        let varve = try Program()
        for directory in DocumentedSession.places {
            try File.makeDirectory(varve.path(directory))
        }
        let outputs = try session.outputs(of: varve)
        try #require(outputs.count == session.steps.count)
        for (step, output) in zip(session.steps, outputs) {
            #expect(
                step.output.map(DocumentedSession.shape) == output.map(DocumentedSession.shape),
                "\(document): \(step.command)")
        }
    }

    @Test("varies in ids, times, sizes and rates, and in nothing else")
    func shapes() {
        let line = "snapshot 1e7d1e81 of /srv, 2026-11-21 10:25:04 (parent bc8fa044)"
        #expect(
            DocumentedSession.shape(line) == "snapshot <id> of /srv, <time> (parent <id>)")
        #expect(
            DocumentedSession.shape("  read     1.5 GiB in 3 min 2 s (736 MiB/s)")
                == " read <size> in <duration> (<size>/s)")
        #expect(
            DocumentedSession.shape("  files    1 617 new, 2 changed; 476 MiB in all")
                == " files 1 617 new, 2 changed; <size> in all")
        #expect(
            DocumentedSession.shape("÷ 2.0  1 251 different chunks, 7.9 times smaller, 0.4 %")
                == "÷ <number> <number> different chunks, <number> times smaller, <number> %")
    }

    @Test("names each exit status, and each option of a snapshot, as the program has them")
    func words() throws {
        let text = try Self.text(of: "docs/COMMANDS.md")
        for (status, meaning) in Failure.meanings {
            #expect(text.contains("\n| \(status) | \(meaning) |\n"))
        }
        let options = CommandDescription.arguments(of: Snapshot.Create._dumpHelp())
        #expect(options.count > 30)
        var names: [String] = []
        for option in options where option.label.hasPrefix("-") && option.section != "Output" {
            for name in option.label.split(separator: " ") where name.hasPrefix("-") {
                names.append(name.filter { $0 != "," })
            }
        }
        #expect(names.filter { !text.contains("`" + $0) } == ["-h", "--help"])
    }

    private static func text(of document: String) throws -> String {
        let root = File.parent(of: File.parent(of: File.parent(of: #filePath)))
        let bytes = try File.contents(of: root + "/" + document, limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self)
    }
}
