import VarveFormat
import VarveSources

extension JobDecoder {
    func sources(_ fields: YAMLFields) -> [JobSource] {
        (fields.items("sources") ?? []).compactMap { item in
            switch item.content {
            case .mapping: command(item)
            default: YAMLFields.text(item, "a source", mistakes).flatMap { word($0, item.place) }
            }
        }
    }

    /// A path, or a source of another kind, in which nothing may be secret.
    private func word(_ text: String, _ place: FilePlace) -> JobSource? {
        let scheme = text.prefix { $0 != ":" }
        let rest = text.dropFirst(scheme.count + 1)
        do {
            guard let kind = try SourceWord.scheme(of: text) else {
                return .path(paths.absolute(text))
            }
            if kind == "env" {
                guard Self.isVariable(rest) else {
                    mistakes.add(place, "'\(Shown.short(text))' names no variable")
                    return nil
                }
                return .word("env:" + rest)
            }
            guard rest.hasPrefix("//") else {
                // A file under a scheme: its path is one of this file's.
                return .word("\(scheme):\(paths.absolute(String(rest)))")
            }
            if Self.hasPassword(rest.dropFirst(2)) {
                mistakes.add(
                    place,
                    "a password stands in this \(kind) URL, and this file is no place for one; write "
                        + "env:NAME and put the URL into the variable, or use ~/.pgpass")
                return nil
            }
            return .word(text)
        } catch {
            mistakes.add(place, "\(error)")
            return nil
        }
    }

    /// Whether what stands before the host has a password, or a parameter is one.
    private static func hasPassword(_ rest: Substring) -> Bool {
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        if let at = authority.lastIndex(of: "@"), authority[..<at].contains(":") { return true }
        let query = rest.drop { $0 != "?" }.dropFirst()
        return query.split(separator: "&").contains { parameter in
            parameter.prefix { $0 != "=" }.lowercased().hasSuffix("password")
        }
    }

    static func isVariable(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.first.map { !(48...57).contains($0) } == true
            && name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0))
            }
    }

    private func command(_ item: YAMLNode) -> JobSource? {
        guard
            let fields = YAMLFields(item, of: "a source", known: JobKeys.command, mistakes)
        else { return nil }
        guard let node = fields.node("command"), var name = fields.text("name") else {
            if !fields.has("command") || !fields.has("name") {
                mistakes.add(item.place, "a source that is a mapping has command and name")
            }
            return nil
        }
        let isGunzipped = fields.flag("gunzip") ?? false
        if isGunzipped, name.count > 3, name.lowercased().hasSuffix(".gz") { name.removeLast(3) }
        guard let invocation = invocation(node), let place = fields.node("name")?.place else {
            return nil
        }
        guard Node.isValid(name: Array(name.utf8)) else {
            mistakes.add(place, "'\(Shown.short(name))' is no file name without slashes")
            return nil
        }
        return .command(
            CommandSource(invocation: invocation, name: name, isGunzipped: isGunzipped))
    }

    /// A program and its arguments, or a line for a shell.
    func invocation(_ node: YAMLNode) -> Invocation? {
        switch node.content {
        case .text(let line, _) where !line.isEmpty && !line.utf8.contains(0):
            return .shell(line)
        case .list(let items) where !items.isEmpty:
            let words = items.compactMap { item -> String? in
                guard case .text(let word, _) = item.content, !word.utf8.contains(0) else {
                    mistakes.add(item.place, "a word of a program is a text")
                    return nil
                }
                return word
            }
            guard words.count == items.count else { return nil }
            guard words.first != "" else {
                mistakes.add(node.place, "the name of the program is empty")
                return nil
            }
            return .words(words)
        default:
            mistakes.add(
                node.place, "a program is a list of words, or a text that is a line for the shell")
            return nil
        }
    }
}
