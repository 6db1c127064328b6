import ArgumentParser

/// The program as a shell completes it: restic's words beside Varve's own, and the options of every
/// command also in front of it.
struct CompletedWords: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "varve", abstract: Varve.configuration.abstract,
        version: Varve.configuration.version,
        subcommands: Varve.configuration.subcommands + words)

    /// One for each row of `Aliases.table` that leads to a command.
    static let words: [any ParsableCommand.Type] = [
        Word<Backup>.self, Word<Snapshots>.self, Word<Ls>.self, Word<Restore>.self,
        Word<Dump>.self, Word<Verify>.self, Word<Tag>.self, Word<Forget>.self,
    ]

    @OptionGroup var common: GlobalOptions

    enum Backup: OtherWord {
        static let word = "backup"
        typealias Meaning = Snapshot.Create
    }

    enum Snapshots: OtherWord {
        static let word = "snapshots"
        typealias Meaning = Snapshot.List
    }

    enum Ls: OtherWord {
        static let word = "ls"
        typealias Meaning = Snapshot.Contents
    }

    enum Restore: OtherWord {
        static let word = "restore"
        typealias Meaning = Snapshot.Restore
    }

    enum Dump: OtherWord {
        static let word = "dump"
        typealias Meaning = Snapshot.Dump
    }

    enum Verify: OtherWord {
        static let word = "verify"
        typealias Meaning = Snapshot.Verify
    }

    enum Tag: OtherWord {
        static let word = "tag"
        typealias Meaning = Snapshot.Tags
    }

    enum Forget: OtherWord {
        static let word = "forget"
        typealias Meaning = Snapshot.Forget
    }
}

/// A word that means a command of another name.
protocol OtherWord {
    associatedtype Meaning: ParsableCommand
    static var word: String { get }
}

/// The command under its other word, for completion only.
struct Word<Name: OtherWord>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Name.word, abstract: Name.Meaning.configuration.abstract)
    }

    @OptionGroup var meaning: Name.Meaning
}
