import ArgumentParser
import VarveRepository

/// What a command says of itself, as its help has it.
struct CommandDescription {
    /// One option with all its names, or an argument.
    struct Argument: Equatable {
        /// "-e, --exclude pattern", "source ..."
        var label: String
        var explanation: String
        var section: String?
    }

    /// "varve snapshot create".
    var words: [String]
    var abstract: String
    var usage: String
    var discussion: String
    var arguments: [Argument]

    init(_ command: any ParsableCommand.Type, words: [String]) {
        let configuration = command.configuration
        self.words = words
        abstract = configuration.abstract
        usage = configuration.usage ?? words.joined(separator: " ") + " [OPTIONS]"
        discussion = configuration.discussion
        arguments = Self.arguments(of: command._dumpHelp())
    }

    /// The commands below one, without groups, in the order of its help.
    static func all(
        below group: any ParsableCommand.Type, words: [String]
    ) -> [CommandDescription] {
        group.configuration.subcommands.flatMap { command in
            let words = words + [command._commandName]
            return command.configuration.subcommands.isEmpty
                ? [CommandDescription(command, words: words)] : all(below: command, words: words)
        }
    }

    /// From the parser's own description of a command, which is JSON.
    static func arguments(of json: String) -> [Argument] {
        let fields = JSONValue(json: Array(json.utf8))?["command"]?["arguments"]
        return (fields?.items ?? []).filter { $0["shouldDisplay"] == .flag(true) }.map { argument in
            Argument(
                label: label(of: argument), explanation: argument["abstract"]?.text ?? "",
                section: argument["sectionTitle"]?.text)
        }
    }

    private static func label(of argument: JSONValue) -> String {
        let all = (argument["names"]?.items ?? []).map { name in
            (name["kind"]?.text == "short" ? "-" : "--") + (name["name"]?.text ?? "")
        }
        // Short ones first.
        let names = all.filter { !$0.hasPrefix("--") } + all.filter { $0.hasPrefix("--") }
        let value = argument["valueName"]?.text ?? ""
        switch argument["kind"]?.text {
        case "positional":
            return value + (argument["isRepeating"] == .flag(true) ? " ..." : "")
        case "option": return names.joined(separator: ", ") + " " + value
        default: return names.joined(separator: ", ")
        }
    }
}

extension JSONValue {
    fileprivate subscript(name: String) -> JSONValue? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.name == name }?.value
    }

    fileprivate var items: [JSONValue] {
        guard case .list(let items) = self else { return [] }
        return items
    }

    fileprivate var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }
}
