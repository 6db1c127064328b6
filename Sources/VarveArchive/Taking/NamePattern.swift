/// One component of a pattern, compiled to be compared with one name without allocating.
///
/// `*` is any text, `?` any character, `[a-z]` and `[^a-z]` one of a set, and `\` takes the next
/// character as it is. A byte that is not UTF-8 counts as a character of its own.
struct NamePattern: Sendable {
    private enum Shape: Sendable {
        case anything
        case exactly([UInt8])
        /// `*.ext`
        case endingIn([UInt8])
        /// `name*`
        case beginningWith([UInt8])
        case tokens([Token])
    }

    private enum Token: Sendable, Equatable {
        case scalar(UInt32)
        case anyScalar
        case anyText
        case set([ClosedRange<UInt32>], isNegated: Bool)
    }

    private let shape: Shape
    private let ignoresCase: Bool

    init(_ text: ArraySlice<UInt8>, ignoringCase: Bool) throws(PatternFlaw) {
        var parser = Parser(text: text, ignoresCase: ignoringCase)
        ignoresCase = ignoringCase
        shape = Self.shape(of: try parser.tokens(), ignoringCase)
    }

    /// Whether any character of `text` has a meaning of its own.
    static func isPlain(_ text: ArraySlice<UInt8>) -> Bool {
        !text.contains { byte in
            [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "\\")]
                .contains(byte)
        }
    }

    func matches(_ name: Span<UInt8>) -> Bool {
        switch shape {
        case .anything: true
        case .exactly(let text): name.count == text.count && Self.equal(name, at: 0, text.span)
        case .endingIn(let text):
            name.count >= text.count && Self.equal(name, at: name.count - text.count, text.span)
        case .beginningWith(let text):
            name.count >= text.count && Self.equal(name, at: 0, text.span)
        case .tokens(let tokens): match(tokens.span, name)
        }
    }

    private static func equal(_ name: Span<UInt8>, at start: Int, _ text: Span<UInt8>) -> Bool {
        for index in text.indices where name[start + index] != text[index] { return false }
        return true
    }

    /// After a mismatch only the last star has to be tried at a later place.
    private func match(_ tokens: Span<Token>, _ name: Span<UInt8>) -> Bool {
        var (token, place) = (0, 0)
        var star: (token: Int, place: Int)?
        while place < name.count {
            let (scalar, length) = PatternScalar.decode(name, at: place)
            if token < tokens.count, tokens[token] == .anyText {
                token += 1
                star = (token, place)
            } else if token < tokens.count, admits(tokens[token], scalar) {
                (token, place) = (token + 1, place + length)
            } else if let last = star {
                let skipped = PatternScalar.decode(name, at: last.place).length
                star = (last.token, last.place + skipped)
                (token, place) = (last.token, last.place + skipped)
            } else {
                return false
            }
        }
        while token < tokens.count, tokens[token] == .anyText { token += 1 }
        return token == tokens.count
    }

    private func admits(_ token: Token, _ scalar: UInt32) -> Bool {
        let scalar = ignoresCase ? PatternScalar.folded(scalar) : scalar
        return switch token {
        case .scalar(let wanted): scalar == wanted
        case .anyScalar: true
        case .anyText: false
        case .set(let ranges, let isNegated):
            ranges.contains { $0.contains(scalar) } != isNegated
        }
    }
}

extension NamePattern {
    /// The quickest way to compare; folding needs characters one by one.
    private static func shape(of tokens: [Token], _ ignoringCase: Bool) -> Shape {
        if tokens == [.anyText] { return .anything }
        guard !ignoringCase else { return .tokens(tokens) }
        if let text = text(tokens[...]) { return .exactly(text) }
        if tokens.first == .anyText, let text = text(tokens.dropFirst()) { return .endingIn(text) }
        if tokens.last == .anyText, let text = text(tokens.dropLast()) {
            return .beginningWith(text)
        }
        return .tokens(tokens)
    }

    /// The bytes of tokens that are all plain characters.
    private static func text(_ tokens: ArraySlice<Token>) -> [UInt8]? {
        var bytes: [UInt8] = []
        for token in tokens {
            guard case .scalar(let scalar) = token else { return nil }
            PatternScalar.append(scalar, to: &bytes)
        }
        return bytes
    }

    private struct Parser {
        let text: ArraySlice<UInt8>
        let ignoresCase: Bool
        private var place: Int

        init(text: ArraySlice<UInt8>, ignoresCase: Bool) {
            self.text = text
            self.ignoresCase = ignoresCase
            place = text.startIndex
        }

        mutating func tokens() throws(PatternFlaw) -> [Token] {
            var tokens: [Token] = []
            while place < text.endIndex {
                switch text[place] {
                case UInt8(ascii: "*"):
                    place += 1
                    if tokens.last != .anyText { tokens.append(.anyText) }
                case UInt8(ascii: "?"):
                    place += 1
                    tokens.append(.anyScalar)
                case UInt8(ascii: "["):
                    place += 1
                    tokens.append(try set())
                default: tokens.append(.scalar(try scalar()))
                }
            }
            return tokens
        }

        /// The character at the place, or the one behind a backslash.
        private mutating func scalar() throws(PatternFlaw) -> UInt32 {
            if text[place] == UInt8(ascii: "\\") {
                place += 1
                guard place < text.endIndex else { throw .danglingBackslash }
            }
            let (scalar, length) = PatternScalar.decode(text.span, at: place - text.startIndex)
            place += length
            return ignoresCase ? PatternScalar.folded(scalar) : scalar
        }

        private mutating func set() throws(PatternFlaw) -> Token {
            let isNegated = place < text.endIndex && text[place] == UInt8(ascii: "^")
            if isNegated { place += 1 }
            var ranges: [ClosedRange<UInt32>] = []
            while place < text.endIndex {
                if text[place] == UInt8(ascii: "]") {
                    guard !ranges.isEmpty else { throw .emptySet }
                    place += 1
                    return .set(ranges, isNegated: isNegated)
                }
                let first = try scalar()
                guard place < text.endIndex, text[place] == UInt8(ascii: "-") else {
                    ranges.append(first...first)
                    continue
                }
                place += 1
                guard place < text.endIndex else { break }
                guard text[place] != UInt8(ascii: "]") else { throw .openRange }
                let last = try scalar()
                guard first <= last else { throw .backwardRange }
                ranges.append(first...last)
            }
            throw .openSet
        }
    }
}

/// What makes no sense in a pattern.
enum PatternFlaw: String, Error {
    case empty = "it has no name"
    case danglingBackslash = "nothing follows its last '\\'"
    case openSet = "its '[' is never closed"
    case emptySet = "its '[]' is empty; write '\\]' for a bracket in a set"
    case openRange = "a range in its '[]' has no end; write '\\-' for a hyphen in a set"
    case backwardRange = "a range in its '[]' runs backwards"
}
