/// The bodies of functions, initialisers, subscripts and computed properties in blanked code.
enum FunctionBodies {
    /// Where the declaration stands, counted from 0, and the lines between its outer braces.
    struct Body: Equatable {
        let line: Int
        let lineCount: Int
    }

    static func all(in lines: [String]) -> [Body] {
        lines.indices.compactMap { line in
            guard let column = declaration(in: lines[line]) else { return nil }
            let ends = lines[line].contains(#/\bvar\b/#)
            guard let open = opening(in: lines, from: (line, column), sameLine: ends),
                let close = closing(in: lines, from: open)
            else { return nil }
            return Body(line: line, lineCount: max(close - open.line - 1, 0))
        }
    }

    /// The column behind a keyword that may have a body; calls such as `self.init` do not count.
    private static func declaration(in line: String) -> Int? {
        guard
            line.contains("func") || line.contains("init") || line.contains("subscript")
                || line.contains("var"),
            let match = line.firstMatch(of: #/(?:^|[^.\w`])(?:func|init|deinit|subscript|var)\b/#)
        else { return nil }
        return line.utf8.distance(from: line.startIndex, to: match.range.upperBound)
    }

    /// The brace that opens the body: the first outside parentheses, before another declaration.
    private static func opening(
        in lines: [String], from start: (line: Int, column: Int), sameLine: Bool
    ) -> (line: Int, column: Int)? {
        var depth = 0
        for line in start.line..<lines.count {
            if line > start.line && depth == 0 && (sameLine || beginsDeclaration(lines[line])) {
                return nil
            }
            for (column, byte) in lines[line].utf8.enumerated()
            where line > start.line || column >= start.column {
                switch byte {
                case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
                case UInt8(ascii: "{") where depth == 0: return (line, column)
                case UInt8(ascii: "}") where depth == 0: return nil
                default: break
                }
            }
        }
        return nil
    }

    private static func beginsDeclaration(_ line: String) -> Bool {
        let words = line.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "@") })
        let first = words.first { !["public", "private", "static", "mutating"].contains($0) }
        return ["func", "init", "var", "let", "case", "subscript", "associatedtype"].contains(first)
    }

    /// The line of the brace that closes what `open` opened.
    private static func closing(in lines: [String], from open: (line: Int, column: Int)) -> Int? {
        var depth = 0
        for line in open.line..<lines.count {
            for (column, byte) in lines[line].utf8.enumerated()
            where line > open.line || column >= open.column {
                if byte == UInt8(ascii: "{") { depth += 1 }
                if byte == UInt8(ascii: "}") { depth -= 1 }
                if depth == 0 { return line }
            }
        }
        return nil
    }
}
