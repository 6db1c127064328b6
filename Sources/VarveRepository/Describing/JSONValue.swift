/// A JSON value whose fields keep their order, to be printed.
public enum JSONValue: Sendable, Equatable {
    public struct Field: Sendable, Equatable {
        public var name: String
        public var value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([Field])

    /// The value on one line.
    public var line: String {
        var text = ""
        write(to: &text, indentation: nil)
        return text
    }

    /// The value over several lines, each level indented by two spaces.
    public var lines: String {
        var text = ""
        write(to: &text, indentation: 0)
        return text
    }

    /// This object with one more field behind the others.
    public func adding(_ name: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let fields) = self else { return self }
        return .object(fields + [Field(name, value)])
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
    ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral
{
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Field($0.0, $0.1) })
    }

    public init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    public init(nilLiteral: ()) { self = .null }
}

extension JSONValue {
    public static func texts(_ texts: some Sequence<String>) -> JSONValue {
        .list(texts.map { .text($0) })
    }

    /// Null for nil.
    public static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }

    private func write(to text: inout String, indentation: Int?) {
        switch self {
        case .null: text += "null"
        case .flag(let flag): text += flag ? "true" : "false"
        case .integer(let integer): text += String(integer)
        // JSON has no infinity.
        case .number(let number): text += number.isFinite ? "\(number)" : "null"
        case .text(let value): Self.write(quoted: value, to: &text)
        case .list(let items):
            Self.write(items, "[", "]", to: &text, indentation) { item, text, inner in
                item.write(to: &text, indentation: inner)
            }
        case .object(let fields):
            Self.write(fields, "{", "}", to: &text, indentation) { field, text, inner in
                Self.write(quoted: field.name, to: &text)
                text += inner == nil ? ":" : ": "
                field.value.write(to: &text, indentation: inner)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], _ opening: String, _ closing: String, to text: inout String,
        _ indentation: Int?, _ body: (Item, inout String, Int?) -> Void
    ) {
        text += opening
        let inner = indentation.map { $0 + 2 }
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            if let inner { text += "\n" + String(repeating: " ", count: inner) }
            body(item, &text, inner)
        }
        if let indentation, !items.isEmpty {
            text += "\n" + String(repeating: " ", count: indentation)
        }
        text += closing
    }

    private static func write(quoted value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\0"..<" ", "\u{7f}"...("\u{9f}"):
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
