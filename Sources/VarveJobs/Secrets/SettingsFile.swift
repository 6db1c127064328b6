/// INI files and Java's properties: `[section]`, `key = value`, `key: value`.
enum SettingsFile {
    static func names(in text: String) throws(SecretFailure) -> [String] {
        var reader = LineReader(text)
        var names: [String] = []
        var section = ""
        while let line = reader.next() {
            let isIndented = line.first == " " || line.first == "\t"
            let rest = trimmed(line)
            guard let first = rest.first, !"#;!".contains(first) else { continue }
            // The value above goes on.
            if isIndented, !names.isEmpty { continue }
            if first == "[" {
                section = try name(ofSection: rest, reader.line)
                continue
            }
            guard let end = rest.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                throw unexpected(reader.line)
            }
            let key = trimmed(rest[..<end])
            let value = rest[rest.index(after: end)...]
            guard SecretNames.isName(key, more: "_.-/"), value.first != "=" else {
                throw unexpected(reader.line)
            }
            names.append(section.isEmpty ? String(key) : "\(section).\(key)")
            var last = value
            while last.last == "\\" { last = reader.next() ?? "" }
        }
        return names
    }

    private static func name(ofSection line: Substring, _ number: Int) throws(SecretFailure)
        -> String
    {
        let name = trimmed(line.dropFirst().dropLast())
        guard line.last == "]", SecretNames.isName(name, more: "_.-/ :\"") else {
            throw unexpected(number)
        }
        return String(name)
    }

    private static func unexpected(_ line: Int) -> SecretFailure {
        SecretFailure(line: line, "this is neither [section] nor key = value")
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
