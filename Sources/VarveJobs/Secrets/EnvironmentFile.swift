/// Files of variables, `.env`: `NAME=value`, `export NAME='value'`, values in quotes over several lines.
enum EnvironmentFile {
    static func names(in text: String) throws(SecretFailure) -> [String] {
        var reader = LineReader(text)
        var names: [String] = []
        while let line = reader.next() {
            var rest = line.drop(while: isSpace)
            guard let first = rest.first, first != "#" else { continue }
            if rest.hasPrefix("export"), let space = rest.dropFirst(6).first, isSpace(space) {
                rest = rest.dropFirst(6).drop(while: isSpace)
            }
            guard let equals = rest.firstIndex(of: "=") else { throw unexpected(reader.line) }
            let name = rest[..<equals]
            let value = rest[rest.index(after: equals)...]
            // A second sign is what coded bytes end with.
            guard SecretNames.isName(name, more: "_.-"), value.first != "=" else {
                throw unexpected(reader.line)
            }
            names.append(String(name))
            try skip(value, &reader)
        }
        return names
    }

    private static func unexpected(_ line: Int) -> SecretFailure {
        SecretFailure(line: line, "this is not NAME=value")
    }

    private static func isSpace(_ character: Character) -> Bool {
        character == " " || character == "\t"
    }

    /// Reads on to the end of a value in quotes; without quotes it ends with the line, or goes on behind a
    /// backslash.
    private static func skip(_ value: Substring, _ reader: inout LineReader) throws(SecretFailure) {
        let start = reader.line
        var rest = value.drop(while: isSpace)
        guard let quote = rest.first, quote == "'" || quote == "\"" || quote == "`" else {
            while rest.last == "\\" { rest = reader.next() ?? "" }
            return
        }
        rest = rest.dropFirst()
        while true {
            var isEscaped = false
            for (offset, character) in rest.enumerated() {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\", quote == "\"" {
                    isEscaped = true
                } else if character == quote {
                    return try checkEnd(rest.dropFirst(offset + 1), start)
                }
            }
            guard let next = reader.next() else {
                throw SecretFailure(line: start, "a quote is not closed")
            }
            rest = next
        }
    }

    /// Behind a quote that is closed only a comment may stand.
    private static func checkEnd(_ rest: Substring, _ line: Int) throws(SecretFailure) {
        guard let first = rest.drop(while: isSpace).first, first != "#" else { return }
        throw SecretFailure(line: line, "something stands behind a closed quote")
    }
}

/// The lines of a text, one by one, without their ends.
struct LineReader {
    private var rest: ArraySlice<Substring>
    /// The number of the line that was read last, from 1.
    private(set) var line = 0

    init(_ text: String) {
        rest = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)[...]
    }

    mutating func next() -> Substring? {
        line += 1
        return rest.popFirst()
    }
}
