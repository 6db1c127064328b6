/// Named settings, as `~/.aws/config` and `~/.aws/credentials` hold them.
public struct AWSProfiles: Sendable, Equatable {
    private var profiles: [String: [String: String]] = [:]

    public init() {}

    /// The settings of a profile; nil when no file has it.
    public subscript(_ name: String) -> [String: String]? { profiles[name] }

    /// Adds a file's profiles; in the file of configuration their sections begin with "profile".
    mutating func add(_ text: String, isConfiguration: Bool) {
        var section: String?
        /// How far the setting above a line is indented.
        var indent: Int?
        for line in text.split(whereSeparator: \.isNewline) {
            let plain = Self.trimmed(line)
            if plain.isEmpty || plain.hasPrefix("#") || plain.hasPrefix(";") { continue }
            if plain.hasPrefix("["), let end = plain.firstIndex(of: "]") {
                section = Self.profile(
                    plain[plain.index(after: plain.startIndex)..<end], isConfiguration)
                if let section { profiles[section, default: [:]].merge([:]) { $1 } }
                indent = nil
                continue
            }
            // What is indented further belongs to the setting above it, and is none of ours.
            let spaces = line.prefix(while: \.isWhitespace).count
            if let indent, spaces > indent { continue }
            indent = spaces
            guard let section, let equals = plain.firstIndex(of: "=") else { continue }
            let name = Self.trimmed(plain[..<equals]).lowercased()
            profiles[section]?[name] = String(Self.trimmed(plain[plain.index(after: equals)...]))
        }
    }

    private static func profile(_ header: Substring, _ isConfiguration: Bool) -> String? {
        let name = trimmed(header)
        if !isConfiguration || name == "default" { return String(name) }
        guard name.hasPrefix("profile"), name.dropFirst(7).first?.isWhitespace == true else {
            return nil
        }
        return String(unquoted(trimmed(name.dropFirst(7))))
    }

    /// A name with spaces stands in quotes.
    private static func unquoted(_ name: Substring) -> Substring {
        guard name.count > 1, let quote = name.first, quote == "\"" || quote == "'",
            name.last == quote
        else { return name }
        return name.dropFirst().dropLast()
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
