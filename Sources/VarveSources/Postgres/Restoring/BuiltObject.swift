/// What the statement of an index, a key or a foreign key is about.
struct BuiltObject: Equatable {
    /// Quoted, with its schema.
    var table: String
    /// Whether it leaves alone what inherits from the table.
    var isOnly: Bool
    /// The statement from the part on that says what is built: `USING ...`, `PRIMARY KEY ...`.
    var rest: String

    /// Whether nothing but columns of the table is in it: a function may look at other tables, whatever it says of
    /// itself.
    var isPlain: Bool { rest.count { $0 == "(" } == 1 && !rest.contains(" WHERE ") }

    /// The table that a foreign key refers to.
    var referenced: String? {
        var words = SQLWords(rest)
        return words.skip(past: "REFERENCES") ? words.qualifiedName() : nil
    }

    /// Reads the first statement of an entry; nil when it is of another form.
    init?(_ entry: DumpScript.Entry) {
        var words = SQLWords(entry.statement)
        switch entry.type {
        case "INDEX":
            guard words.skip(past: "ON") else { return nil }
        case "CONSTRAINT", "FK CONSTRAINT":
            guard words.take("ALTER"), words.take("TABLE") else { return nil }
        default: return nil
        }
        isOnly = words.take("ONLY")
        guard let table = words.qualifiedName() else { return nil }
        self.table = table
        if entry.type != "INDEX" {
            guard words.take("ADD"), words.take("CONSTRAINT"), words.name() != nil else {
                return nil
            }
        }
        rest = words.rest
    }
}

/// Reads a statement word by word.
struct SQLWords {
    private(set) var rest: String

    init(_ statement: String) { rest = statement }

    /// Takes a keyword if it comes next.
    mutating func take(_ keyword: String) -> Bool {
        var copy = self
        guard copy.word() == keyword else { return false }
        self = copy
        return true
    }

    /// Passes over everything up to a keyword, and that.
    mutating func skip(past keyword: String) -> Bool {
        while let word = word() {
            if word == keyword { return true }
        }
        return false
    }

    /// A name, quoted whether it was or not.
    mutating func name() -> String? {
        guard let word = word(), let first = word.first else { return nil }
        if first == "\"" { return word }
        guard first == "_" || first.isLetter else { return nil }
        return SQLText.identifier(word)
    }

    /// A name with its schema.
    mutating func qualifiedName() -> String? {
        guard let schema = name(), take("."), let name = name() else { return nil }
        return schema + "." + name
    }

    /// The next word, quoted name, text or single character; nil at the end.
    mutating func word() -> String? {
        let text = rest.drop { $0.isWhitespace }
        guard let first = text.first else { return nil }
        var end = text.index(after: text.startIndex)
        if first == "\"" || first == "'" {
            while end < text.endIndex {
                let character = text[end]
                end = text.index(after: end)
                guard character == first else { continue }
                // A doubled quote stands for one.
                guard end < text.endIndex, text[end] == first else { break }
                end = text.index(after: end)
            }
        } else if Self.isWord(first) {
            while end < text.endIndex, Self.isWord(text[end]) { end = text.index(after: end) }
        }
        defer { rest = String(text[end...]) }
        return String(text[..<end])
    }

    private static func isWord(_ character: Character) -> Bool {
        character == "_" || character == "$" || character.isLetter || character.isNumber
    }
}
