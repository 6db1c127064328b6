import ArgumentParser
import VarveRepository

/// Other words for the commands, rewritten before anything is parsed.
enum Aliases {
    /// One row for each word of restic that has another name here.
    static let table: [String: [String]] = [
        "backup": ["snapshot", "create"],
        "snapshots": ["snapshot", "list"],
        "ls": ["snapshot", "ls"],
        "restore": ["snapshot", "restore"],
        "dump": ["snapshot", "dump"],
        "verify": ["snapshot", "verify"],
        "find": ["snapshot", "find"],
        "diff": ["snapshot", "diff"],
        "tag": ["snapshot", "tag"],
        "forget": ["snapshot", "forget"],
        "copy": ["sync"],
        "version": ["--version"],
    ]

    /// The other word for a command; nil when there is none.
    static func word(for command: [String]) -> String? {
        table.first { $0.value == command }?.key
    }

    /// Short options behind a command that mean something else there than everywhere.
    private static let short: [[String]: [String: String]] = [
        ["snapshot", "diff"]: ["-p": "--patch"], ["snapshot", "history"]: ["-p": "--patch"],
    ]

    /// Options that may stand before the command, and whether a value follows them.
    static let leading: [String: Bool] = [
        "-r": true, "--repository": true, "--repo": true, "--key-file": true, "-p": true,
        "--passphrase-file": true, "--password-file": true, "--passphrase-command": true,
        "--password-command": true, "--cache-dir": true, "--json": false, "-q": false,
        "--quiet": false, "-v": false, "--verbose": false, "--no-progress": false,
        "--connections": true, "--limit-upload": true, "--limit-download": true, "-o": true,
        "--option": true,
    ]

    /// The arguments with the first word replaced by its canonical command, and with options that
    /// stand before it moved behind it.
    static func canonical(_ arguments: [String]) -> [String] {
        let count = leadingCount(arguments)
        let options = arguments[..<count]
        guard count < arguments.count else { return arguments }
        let word = arguments[count]
        if word == "help" {
            let asked = arguments[(count + 1)...]
            return [word] + (asked.first.flatMap { table[$0] } ?? Array(asked.prefix(1)))
                + asked.dropFirst()
        }
        var command = table[word] ?? [word]
        var rest = arguments[(count + 1)...]
        if command.count == 1, let next = rest.first, isGroup(word), !next.hasPrefix("-") {
            command.append(next)
            rest = rest.dropFirst()
        }
        let meant = short[command] ?? [:]
        return command + options + rest.map { meant[$0] ?? $0 }
    }

    private static func leadingCount(_ arguments: [String]) -> Int {
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            let name = String(argument.prefix { $0 != "=" })
            guard let takesValue = leading[name] else { break }
            index += takesValue && name == argument ? 2 : 1
        }
        return min(index, arguments.count)
    }

    /// What is said at once, without parsing: nil for all else.
    static func answer(to words: [String]) throws -> String? {
        switch words.first {
        case "--version": return Varve.program
        case "unlock":
            let sentence = "Varve has no locks."
            guard words.contains("--json") else { return sentence }
            let line: JSONValue = ["message_type": "summary", "message": .text(sentence)]
            return line.line
        default:
            try check(words)
            return nil
        }
    }

    /// Refuses a first word, or a second one of a group, that is no command.
    private static func check(_ words: [String]) throws {
        let words = words.first == "help" ? words.dropFirst() : words[...]
        guard let first = words.first, !first.hasPrefix("-") else { return }
        guard let command = command(first, in: Varve.self) else {
            throw ValidationError(unknown(first))
        }
        guard isGroup(first), let second = words.dropFirst().first, !second.hasPrefix("-"),
            second != "help", self.command(second, in: command) == nil
        else { return }
        throw ValidationError(
            "unknown command '\(first) \(second)'; `varve \(first) --help` lists them")
    }

    /// Why a first word is no command.
    private static func unknown(_ word: String) -> String {
        let meant = Varve.configuration.subcommands.first { command(word, in: $0) != nil }
        guard let meant else {
            return "unknown command '\(word)'; `varve --help` lists the commands"
        }
        return "unknown command '\(word)'; did you mean `varve \(meant._commandName) \(word)`?"
    }

    private static func isGroup(_ word: String) -> Bool {
        command(word, in: Varve.self).map { !$0.configuration.subcommands.isEmpty } ?? false
    }

    private static func command(
        _ word: String, in parent: any ParsableCommand.Type
    ) -> (any ParsableCommand.Type)? {
        parent.configuration.subcommands.first { $0._commandName == word }
    }
}
