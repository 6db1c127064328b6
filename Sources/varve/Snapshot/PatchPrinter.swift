import VarveArchive
import VarveRepository
import VarveSystem

/// Prints the changes of texts.
struct PatchPrinter {
    private let console: Console
    /// What steers a terminal is not written to one.
    private let isTerminal = Terminal.isTerminal(1)

    init(_ console: Console) { self.console = console }

    func print(_ old: PatchedFile, _ new: PatchedFile) throws {
        let lines = TextPatch.lines(old, new)
        guard !console.isJSON else {
            return try console.emit(["message_type": "patch", "lines": .texts(lines)])
        }
        for line in lines { try console.print(isTerminal ? Self.harmless(line) : line) }
    }

    private static func harmless(_ line: String) -> String {
        line.split(omittingEmptySubsequences: false) { $0 == "\t" || $0 == "\n" }.count == 1
            ? Shown.text(line)
            : line.split(separator: "\n", omittingEmptySubsequences: false).map { part in
                part.split(separator: "\t", omittingEmptySubsequences: false)
                    .map { Shown.text(String($0)) }.joined(separator: "\t")
            }.joined(separator: "\n")
    }
}
