import VarveSystem

/// A file of patterns, one a line.
///
/// White space around a line, empty lines, and lines that begin with `#` do not count. `$NAME` and
/// `${NAME}` stand for environment variables, `$$` for a dollar sign.
struct PatternFile {
    struct Line: Equatable {
        var number: Int
        var pattern: [UInt8]
    }

    let name: String
    let lines: [Line]

    private static let bytesMax = 16 << 20

    init(_ path: String) throws {
        let bytes = try File.contents(of: path, limit: Self.bytesMax)
        try self.init(name: Shown.text(path), bytes) { Environment.value($0) }
    }

    /// `variable` answers nil for one that is not set.
    init(name: String, _ bytes: [UInt8], variable: (String) -> String?) throws {
        self.name = name
        guard !bytes.contains(0) else {
            throw Failure.usage("\(name) is no text: it holds a NUL byte")
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        var lines: [Line] = []
        for (index, line) in TextLines.split(text).enumerated() {
            let trimmed = TextLines.trimmed(line)
            guard let first = trimmed.first, first != UInt8(ascii: "#") else { continue }
            let pattern = try Self.expand(trimmed, variable) { reason in
                Failure.usage("\(name):\(index + 1): \(reason)")
            }
            lines.append(Line(number: index + 1, pattern: pattern))
        }
        self.lines = lines
    }

    /// Replaces variables. One that is not set is an error: what is left of the line could fit
    /// anything.
    private static func expand(
        _ line: ArraySlice<UInt8>, _ variable: (String) -> String?, _ failure: (String) -> Failure
    ) throws -> [UInt8] {
        var pattern: [UInt8] = []
        var rest = line
        while let first = rest.popFirst() {
            guard first == UInt8(ascii: "$") else {
                pattern.append(first)
                continue
            }
            if rest.first == UInt8(ascii: "$") {
                pattern.append(rest.removeFirst())
                continue
            }
            let name = try variableName(&rest, failure)
            guard let value = variable(name) else {
                throw failure("the variable \(name) is not set; write `$$` for a dollar sign")
            }
            pattern += Array(value.utf8)
        }
        return pattern
    }

    /// Takes the name behind a dollar sign, with or without braces.
    private static func variableName(
        _ rest: inout ArraySlice<UInt8>, _ failure: (String) -> Failure
    ) throws -> String {
        let isBraced = rest.first == UInt8(ascii: "{")
        if isBraced { rest.removeFirst() }
        let name = rest.prefix { byte in
            Character(Unicode.Scalar(byte)).isASCII
                && (Character(Unicode.Scalar(byte)).isLetter
                    || Character(Unicode.Scalar(byte)).isNumber || byte == UInt8(ascii: "_"))
        }
        rest = rest.dropFirst(name.count)
        if isBraced, rest.popFirst() != UInt8(ascii: "}") {
            throw failure("a `${` is never closed")
        }
        guard !name.isEmpty else {
            throw failure("no variable follows a `$`; write `$$` for a dollar sign")
        }
        return String(decoding: name, as: UTF8.self)
    }
}

/// Lines of text in bytes of any encoding.
enum TextLines {
    /// The lines, without their line feeds; a last one that is empty does not count.
    static func split(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The line without white space at its ends.
    static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line.drop(while: isSpace)
        while let last = line.last, isSpace(last) { line.removeLast() }
        return line
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0d).contains(byte)
    }
}
