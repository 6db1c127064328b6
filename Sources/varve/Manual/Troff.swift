/// Text for troff with the macros of man(7).
enum Troff {
    /// Text as it stands, with nothing that troff would take for its own.
    static func plain(_ text: some StringProtocol) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\e"
            case "-": escaped += "\\-"
            case "'": escaped += "\\(aq"
            case "^": escaped += "\\(ha"
            case "~": escaped += "\\(ti"
            case "`": escaped += "\\(ga"
            default: escaped.append(character)
            }
        }
        return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
    }

    /// A line of running text, in which what stands between backquotes is bold.
    static func prose(_ text: some StringProtocol) -> String {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        // An odd backquote is one.
        guard parts.count % 2 == 1 else { return plain(text) }
        let line = parts.enumerated().map { index, part in
            index % 2 == 0 ? running(part) : "\\fB" + plain(part) + "\\fR"
        }.joined()
        return line.hasPrefix(".") ? "\\&" + line : line
    }

    /// Plain text whose hyphens between words stay hyphens.
    private static func running(_ text: some StringProtocol) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            word.hasPrefix("-") ? plain(word) : plain(word).replacing("\\-", with: "-")
        }.joined(separator: " ")
    }

    static func section(_ title: String) -> [String] { [".SH \(title)"] }

    static func subsection(_ title: String) -> [String] { [".SS \(plain(title))"] }

    /// Lines as they stand, indented.
    static func verbatim(_ lines: [Substring]) -> [String] {
        [".PP", ".RS 4", ".nf"] + lines.map { plain($0) } + [".fi", ".RE"]
    }

    /// A word and what it means.
    static func item(_ label: String, _ text: String) -> [String] {
        [".TP", "\\fB\(plain(label))\\fR", prose(text)]
    }

    /// The text of a help: a line is a paragraph, indented lines are an example.
    static func discussion(_ text: String) -> [String] {
        var output: [String] = []
        var example: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("  ") {
                example.append(line.dropFirst(2))
                continue
            }
            if !example.isEmpty { output += verbatim(example) }
            example = []
            if !line.isEmpty { output += [".PP", prose(line)] }
        }
        return example.isEmpty ? output : output + verbatim(example)
    }
}
