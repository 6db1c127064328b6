import ArgumentParser
import VarveSystem

struct Completions: ParsableCommand {
    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash, zsh, fish

        fileprivate var completionShell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    static let configuration = CommandConfiguration(
        abstract: "Print a script by which a shell completes varve's words.",
        usage: "varve completions bash|zsh|fish",
        discussion: """
              varve completions bash > /etc/bash_completion.d/varve
              varve completions zsh > /usr/local/share/zsh/site-functions/_varve
              varve completions fish > ~/.config/fish/completions/varve.fish
            """)

    @Argument(help: "The shell: bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        let script = CompletedWords.completionScript(for: shell.completionShell)
        try Console.output.write(Array((script + "\n").utf8))
    }
}
