/// Swift text in which comments and the contents of literals are spaces.
///
/// A heuristic: it knows line and nested block comments, strings of one and several lines with
/// any number of `#`, interpolations, and regular expressions between `#/` and `/#`.
struct SwiftCode {
    private let text: [UInt8]
    private var blanked: [UInt8]
    private var at = 0

    static func blanked(_ lines: [String]) -> [String] {
        var code = SwiftCode(lines.joined(separator: "\n"))
        code.passCode()
        let parts = code.blanked.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    private init(_ string: String) {
        text = Array(string.utf8)
        blanked = text
    }

    /// Passes code; when `inParentheses`, up to the parenthesis that ends an interpolation.
    private mutating func passCode(inParentheses: Bool = false) {
        var depth = 0
        while at < text.count {
            if starts("//") {
                blank(while: { $0 != UInt8(ascii: "\n") })
            } else if starts("/*") {
                blankBlockComment()
            } else if let hashes = literalStart() {
                passLiteral(hashes)
            } else {
                if text[at] == UInt8(ascii: "(") { depth += 1 }
                if text[at] == UInt8(ascii: ")") {
                    if inParentheses && depth == 0 { return }
                    depth -= 1
                }
                at += 1
            }
        }
    }

    /// The number of `#` before a literal that begins here.
    private func literalStart() -> Int? {
        let hashes = text[at...].prefix { $0 == UInt8(ascii: "#") }.count
        guard at + hashes < text.count else { return nil }
        let mark = text[at + hashes]
        return mark == quote || hashes > 0 && mark == slash ? hashes : nil
    }

    private mutating func passLiteral(_ hashes: Int) {
        let mark = text[at + hashes]
        let isLong = mark == quote && starts(String(repeating: "\"", count: 3), at + hashes)
        let pounds = [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
        let end = [UInt8](repeating: mark, count: isLong ? 3 : 1) + pounds
        let escape = [UInt8(ascii: "\\")] + (mark == quote ? pounds : [])
        at += end.count
        while at < text.count, !text[at...].starts(with: end) {
            if text[at] == UInt8(ascii: "\n") && !isLong { return }
            if text[at...].starts(with: escape) {
                blank(count: escape.count)
                if mark == quote && starts("(") {
                    at += 1
                    passCode(inParentheses: true)
                    at += 1
                } else {
                    blank(count: 1)
                }
            } else {
                blank(count: 1)
            }
        }
        at = min(at + end.count, text.count)
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                blank(count: 2)
            } else if starts("*/") {
                depth -= 1
                blank(count: 2)
            } else {
                blank(count: 1)
            }
        } while depth > 0 && at < text.count
    }

    private mutating func blank(while isBlanked: (UInt8) -> Bool) {
        while at < text.count, isBlanked(text[at]) { blank(count: 1) }
    }

    /// Line ends stay, so that lines keep their numbers.
    private mutating func blank(count: Int) {
        for _ in 0..<count where at < text.count {
            if text[at] != UInt8(ascii: "\n") { blanked[at] = UInt8(ascii: " ") }
            at += 1
        }
    }

    private func starts(_ prefix: String, _ offset: Int? = nil) -> Bool {
        text[(offset ?? at)...].starts(with: prefix.utf8)
    }

    private var quote: UInt8 { UInt8(ascii: "\"") }
    private var slash: UInt8 { UInt8(ascii: "/") }
}
