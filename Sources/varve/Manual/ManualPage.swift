import ArgumentParser

/// The manual page, made of what the commands say of themselves.
struct ManualPage {
    /// The page for troff.
    var text: String {
        let lines =
            head + Troff.section("COMMANDS") + commands.flatMap(lines(of:))
            + Troff.section("OPTIONS OF EVERY COMMAND") + common.flatMap(lines(of:))
            + Troff.section("WORDS OF RESTIC") + words + Troff.section("EXIT STATUS") + statuses
        return lines.joined(separator: "\n") + "\n"
    }

    private let commands = CommandDescription.all(below: Varve.self, words: ["varve"])
    private let common = CommandDescription.arguments(of: GlobalOptions._dumpHelp())

    private var head: [String] {
        let configuration = Varve.configuration
        return [".TH VARVE 1 \"\" \"\(Troff.plain(Varve.program))\" \"User commands\""]
            + Troff.section("NAME") + ["varve \\- \(Troff.prose(configuration.abstract))"]
            + Troff.section("SYNOPSIS") + ["\\fBvarve\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]"]
            + Troff.section("DESCRIPTION")
            // A heading begins a paragraph itself.
            + Troff.discussion(configuration.discussion).drop { $0 == ".PP" }
    }

    private func lines(of command: CommandDescription) -> [String] {
        let own = command.arguments.filter { !common.contains($0) }
        return Troff.subsection(command.words.joined(separator: " "))
            + [Troff.prose(command.abstract)]
            + Troff.verbatim(command.usage.split(separator: "\n"))
            + Troff.discussion(command.discussion) + own.flatMap(lines(of:))
    }

    private func lines(of argument: CommandDescription.Argument) -> [String] {
        Troff.item(argument.label, argument.explanation)
    }

    private var words: [String] {
        Aliases.table.sorted { $0.key < $1.key }.flatMap { word, meaning in
            Troff.item(
                "varve " + word, "is `varve " + meaning.joined(separator: " ") + "`.")
        }
    }

    private var statuses: [String] {
        Failure.meanings.flatMap { Troff.item("\($0.status)", $0.meaning + ".") }
    }
}
