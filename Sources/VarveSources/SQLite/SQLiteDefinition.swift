/// What makes an index or a trigger, as `sqlite_schema` keeps it.
///
/// SQLite writes the words in front of the name itself; what follows is as it was given.
struct SQLiteDefinition {
    private let words: Substring
    private let name: String
    private let rest: Substring

    private static let beginnings = ["CREATE UNIQUE INDEX ", "CREATE INDEX ", "CREATE TRIGGER "]

    /// Throws for what begins in another way.
    init(_ text: String) throws {
        guard let beginning = Self.beginnings.first(where: text.hasPrefix) else {
            throw SourceError("its definition is not understood: \(text.prefix(60))")
        }
        words = text.prefix(beginning.count)
        let named = text.dropFirst(beginning.count)
        let closing: [Character: Character] = ["\"": "\"", "'": "'", "`": "`", "[": "]"]
        guard let first = named.first, let close = closing[first] else {
            let name = named.prefix { $0.isLetter || $0.isNumber || "_$".contains($0) }
            guard !name.isEmpty else {
                throw SourceError("its definition is not understood: \(text.prefix(60))")
            }
            self.name = String(name)
            rest = named.dropFirst(name.count)
            return
        }
        var (name, left) = ("", named.dropFirst())
        while let character = left.popFirst() {
            if character == close {
                // Doubled, it stands for itself.
                guard close != "]", left.first == close else { break }
                left.removeFirst()
            }
            name.append(character)
        }
        self.name = name
        rest = left
    }

    /// The same for another name.
    func prefixed(with prefix: String) -> String {
        words + "\"" + (prefix + name).replacing("\"", with: "\"\"") + "\"" + rest
    }
}
