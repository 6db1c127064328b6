import ArgumentParser

/// The program as a shell completes it: restic's words beside Varve's own, and the options of every
/// command also in front of it.
struct CompletedWords: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "varve", abstract: Varve.configuration.abstract,
        version: Varve.configuration.version,
        subcommands: Varve.configuration.subcommands + words)

    /// One for each row of `Aliases.table` that leads to a command.
    static let words: [any ParsableCommand.Type] =
        Snapshot.configuration.subcommands.compactMap { word(for: $0) }

    @OptionGroup var common: GlobalOptions

    private static func word<Meaning: ParsableCommand>(
        for command: Meaning.Type
    ) -> (any ParsableCommand.Type)? {
        Word<Meaning>.name == nil ? nil : Word<Meaning>.self
    }
}

/// A command of snapshots under its other word, for completion only.
struct Word<Meaning: ParsableCommand>: ParsableCommand {
    /// Nil when it has none.
    static var name: String? { Aliases.word(for: [Snapshot._commandName, Meaning._commandName]) }

    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: name, abstract: Meaning.configuration.abstract)
    }

    @OptionGroup var meaning: Meaning
}
