/// Collects what is wrong, so that all of it is told at once.
final class Mistakes {
    /// More are of no help.
    private static let countMax = 100

    private(set) var found: [Mistake] = []

    /// What was met twice, in defaults say, is told once.
    func add(_ place: FilePlace, _ text: String) {
        let mistake = Mistake(place, text)
        guard found.count < Self.countMax, !found.contains(mistake) else { return }
        found.append(mistake)
    }

    func add(_ mistake: Mistake) { add(mistake.place, mistake.text) }
}

/// A mapping whose keys are read one by one. What is not as it should be is noted, and answered as nil.
struct YAMLFields {
    let place: FilePlace
    let mistakes: Mistakes
    private let entries: [String: YAMLEntry]

    /// `name` is what the mapping is called in sentences.
    init?(_ node: YAMLNode, of name: String, known: [String], _ mistakes: Mistakes) {
        guard case .mapping(let entries) = node.content else {
            mistakes.add(node.place, "\(name) is a mapping of keys to values")
            return nil
        }
        self.init(entries, node.place, of: name, known: known, mistakes)
    }

    init(
        _ entries: [YAMLEntry], _ place: FilePlace, of name: String, known: [String],
        _ mistakes: Mistakes
    ) {
        var kept: [String: YAMLEntry] = [:]
        for entry in entries {
            guard known.contains(entry.key) else {
                mistakes.add(entry.keyPlace, Self.unknown(entry.key, of: name, known))
                continue
            }
            if kept[entry.key] != nil {
                mistakes.add(entry.keyPlace, "the key \(entry.key) stands here for the second time")
            } else if entry.value.content == .empty {
                mistakes.add(entry.keyPlace, "the key \(entry.key) has no value")
            } else {
                kept[entry.key] = entry
            }
        }
        self.entries = kept
        self.place = place
        self.mistakes = mistakes
    }

    private static func unknown(_ key: String, of name: String, _ known: [String]) -> String {
        let start = "'\(Shown.short(key))' is no key of \(name)"
        if let near = NearestWord.of(key, among: known) { return "\(start); did you mean \(near)?" }
        return start + (known.count <= 6 ? "; it has \(known.joined(separator: ", "))" : "")
    }

    func node(_ key: String) -> YAMLNode? { entries[key]?.value }

    func has(_ key: String) -> Bool { entries[key] != nil }

    /// Any text that is not empty.
    func text(_ key: String) -> String? {
        node(key).flatMap { Self.text($0, "\(key)", mistakes) }
    }

    func flag(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        if case .text(let text, isPlain: true) = node.content {
            if text == "true" { return true }
            if text == "false" { return false }
        }
        mistakes.add(node.place, "\(Self.shown(node)) is not true or false")
        return nil
    }

    func number(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = node(key) else { return nil }
        if let number = Self.number(node), range.contains(number) { return number }
        mistakes.add(
            node.place,
            "\(Self.shown(node)) is no number from \(range.lowerBound) to \(range.upperBound)")
        return nil
    }

    /// The texts of a list; one alone may stand without the list.
    func texts(_ key: String) -> [String]? { places(key)?.map(\.text) }

    /// The same, with where each stands.
    func places(_ key: String) -> [(text: String, place: FilePlace)]? {
        items(key)?.compactMap { item in
            Self.text(item, "an item of \(key)", mistakes).map { ($0, item.place) }
        }
    }

    /// The items of a list; one text alone may stand without the list.
    func items(_ key: String) -> [YAMLNode]? {
        guard let node = node(key) else { return nil }
        switch node.content {
        case .list(let items): return items
        case .text: return [node]
        case .empty, .mapping:
            mistakes.add(node.place, "\(key) is a list")
            return nil
        }
    }

    /// A value in words of its own; `read` answers nil for what makes no sense, and `wanted` says what would.
    func value<Value>(_ key: String, _ wanted: String, _ read: (String) -> Value?) -> Value? {
        guard let node = node(key) else { return nil }
        if case .text(let text, _) = node.content, let value = read(text) { return value }
        mistakes.add(node.place, "\(Self.shown(node)) is not \(wanted)")
        return nil
    }

    static func text(_ node: YAMLNode, _ name: String, _ mistakes: Mistakes) -> String? {
        guard case .text(let text, _) = node.content, !text.isEmpty, !text.utf8.contains(0) else {
            mistakes.add(node.place, "\(name) is a text that is not empty")
            return nil
        }
        return text
    }

    /// Decimal digits without zeros in front; quotes make no difference.
    static func number(_ node: YAMLNode) -> Int? {
        guard case .text(let text, _) = node.content,
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            text == "0" || text.utf8.first != UInt8(ascii: "0")
        else { return nil }
        return Int(text)
    }

    static func shown(_ node: YAMLNode) -> String {
        switch node.content {
        case .empty: "nothing"
        case .text(let text, _): "'\(Shown.short(text))'"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// Texts of a file as a sentence has them.
enum Shown {
    private static let charactersMax = 40

    /// Without control characters, and cut when it is long.
    static func short(_ text: String) -> String {
        let plain = text.unicodeScalars.prefix(charactersMax).map { scalar in
            scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                ? "\u{fffd}" : Character(scalar)
        }
        return String(plain) + (text.unicodeScalars.count > charactersMax ? "..." : "")
    }
}
