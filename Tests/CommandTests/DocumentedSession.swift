import TestSupport
import Testing
import VarveSystem

@testable import varve

/// The commands of one section of a document, with the output that is shown for each.
struct DocumentedSession {
    struct Step {
        var command: String
        var output: [String] = []
    }

    private(set) var steps: [Step] = []

    /// The directories that documents use, each of which the test has for itself.
    static let places = ["srv", "root", "mnt"]

    /// How the document calls the machine and whoever works at it.
    private static let (host, user) = ("web1", "root")

    /// The blocks below a heading in which commands stand behind a dollar sign; empty lines of their
    /// output do not count.
    init(_ text: String, heading: String) {
        var isInSection = false
        var isInBlock = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("## ") { isInSection = line == "## " + heading }
            guard isInSection else { continue }
            if line.hasPrefix("```") {
                isInBlock.toggle()
            } else if isInBlock, line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else if isInBlock, !steps.isEmpty, !line.isEmpty {
                steps[steps.count - 1].output.append(String(line))
            }
        }
    }

    /// Runs all commands in one shell, and returns what each of them printed.
    func outputs(of varve: Program) throws -> [[String]] {
        let root = varve.scratch.path
        let mark = "== next =="
        var script = "varve() { \"$varve\" \"$@\"; }; export TZ=UTC; cd ~; status=0\n"
        for step in steps {
            let command = Self.places.reduce(step.command) { command, place in
                command.replacing(" /" + place + "/", with: " \(root)/\(place)/")
                    .replacing("=/" + place + "/", with: "=\(root)/\(place)/")
                    .replacing(":/" + place + "/", with: ":\(root)/\(place)/")
            }
            // The exit status of one command is that of the one before for the next.
            script += "echo '\(mark)'; (exit $status)\n{ \(command)\n} 2>&1; status=$?\n"
        }
        let run = try varve.shell(script, home: varve.path("root"))
        #expect(run.errors == "")
        let text = run.output.replacing(root, with: "")
        let parts = text.split(separator: mark + "\n", omittingEmptySubsequences: false)
        return parts.dropFirst().map { part in part.split(separator: "\n").map(Self.renamed) }
    }

    /// The line as the document's machine and user would have it.
    private static func renamed(_ line: Substring) -> String {
        let user = Accounts.userName(Accounts.currentUser) ?? Self.user
        var words = line.split(separator: " ", omittingEmptySubsequences: false)
        for (index, word) in words.enumerated() {
            if word == Environment.hostName() { words[index] = Self.host[...] }
            if word == user { words[index] = Self.user[...] }
        }
        return words.joined(separator: " ")
    }

    /// The line with its varying parts replaced by what they are.
    static func shape(_ line: String) -> String {
        line.replacing(#/\b[0-9a-f]{64}\b|\b[0-9a-f]{8}\b/#, with: "<id>")
            .replacing(#/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/#, with: "<time>")
            .replacing(#/÷ +[\d.]+/#, with: "÷ <number>")
            .replacing(#/\d+( \d{3})*(\.\d+)? ([KMGTPE]i)?B\b/#, with: "<size>")
            .replacing(#/\d+(\.\d+)? (min \d+ s|h \d+ min|ms|s)\b/#, with: "<duration>")
            .replacing(
                #/\d+( \d{3})*(\.\d+)?(?= different chunks| packs| times smaller| %)/#,
                with: "<number>"
            )
            .replacing(#/ +/#, with: " ")
    }
}
