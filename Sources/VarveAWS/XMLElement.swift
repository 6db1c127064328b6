/// One element of an answer in XML: enough of the language for what services send.
///
/// Attributes are passed over; declarations that could define entities are refused.
public struct XMLElement: Sendable, Equatable {
    public var name: String
    /// The text right inside it.
    public var text = ""
    public var children: [XMLElement] = []

    /// How deep elements may lie in each other.
    private static let depthMax = 16

    /// The root of a document; nil when it is none.
    public init?(_ bytes: [UInt8]) {
        var scanner = Scanner(rest: bytes[...])
        guard let root = scanner.document() else { return nil }
        self = root
    }

    private init(name: String) { self.name = name }

    /// The text of the first child of this name.
    public subscript(name: String) -> String? { children.first { $0.name == name }?.text }

    public func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The first element of this name, at any depth.
    public func first(_ name: String) -> XMLElement? {
        if self.name == name { return self }
        for child in children { if let found = child.first(name) { return found } }
        return nil
    }

    private struct Scanner {
        var rest: ArraySlice<UInt8>

        mutating func document() -> XMLElement? {
            skipSpace()
            while starts("<?") || starts("<!--") {
                guard skip(past: starts("<?") ? "?>" : "-->") else { return nil }
                skipSpace()
            }
            guard let root = element(depth: 0) else { return nil }
            skipSpace()
            return rest.isEmpty ? root : nil
        }

        /// From its "<" to behind its end.
        private mutating func element(depth: Int) -> XMLElement? {
            guard depth < XMLElement.depthMax, take("<"), let tag = upTo(">") else { return nil }
            let isEmpty = tag.last == UInt8(ascii: "/")
            let name = tag.prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") }
            guard let first = name.first, first != UInt8(ascii: "!"), first != UInt8(ascii: "?")
            else { return nil }
            var element = XMLElement(name: Self.local(name))
            if isEmpty { return element }
            while true {
                guard let text = upToKept("<"), let plain = Self.plain(text) else { return nil }
                element.text += plain
                if starts("</") {
                    guard take("</"), let end = upTo(">") else { return nil }
                    return Self.local(end.prefix { $0 > 0x20 }) == element.name ? element : nil
                }
                if starts("<!--") {
                    guard skip(past: "-->") else { return nil }
                } else {
                    guard let child = self.element(depth: depth + 1) else { return nil }
                    element.children.append(child)
                }
            }
        }

        /// A name without its namespace.
        private static func local(_ name: ArraySlice<UInt8>) -> String {
            let text = String(decoding: name, as: UTF8.self)
            return text.split(separator: ":").last.map(String.init) ?? text
        }

        /// Text with its references resolved; nil for one that XML itself does not define.
        private static func plain(_ text: ArraySlice<UInt8>) -> String? {
            guard text.contains(UInt8(ascii: "&")) else {
                return String(decoding: text, as: UTF8.self)
            }
            let parts = String(decoding: text, as: UTF8.self)
                .split(separator: "&", omittingEmptySubsequences: false)
            var plain = String(parts[0])
            for part in parts.dropFirst() {
                guard let end = part.firstIndex(of: ";"), let character = reference(part[..<end])
                else { return nil }
                plain.unicodeScalars.append(character)
                plain += part[part.index(after: end)...]
            }
            return plain
        }

        private static func reference(_ name: Substring) -> Unicode.Scalar? {
            switch name {
            case "amp": "&"
            case "lt": "<"
            case "gt": ">"
            case "quot": "\""
            case "apos": "'"
            case _ where name.hasPrefix("#x"):
                UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init)
            case _ where name.hasPrefix("#"): UInt32(name.dropFirst()).flatMap(Unicode.Scalar.init)
            default: nil
            }
        }

        private func starts(_ text: String) -> Bool { rest.starts(with: text.utf8) }

        private mutating func skipSpace() { rest = rest.drop { $0 <= 0x20 } }

        private mutating func take(_ text: String) -> Bool {
            guard starts(text) else { return false }
            rest = rest.dropFirst(text.utf8.count)
            return true
        }

        private mutating func skip(past text: String) -> Bool {
            while !rest.isEmpty {
                if take(text) { return true }
                rest = rest.dropFirst()
            }
            return false
        }

        /// Up to a character, which is passed over.
        private mutating func upTo(_ character: Unicode.Scalar) -> ArraySlice<UInt8>? {
            guard let found = upToKept(character) else { return nil }
            rest = rest.dropFirst()
            return found
        }

        private mutating func upToKept(_ character: Unicode.Scalar) -> ArraySlice<UInt8>? {
            guard let place = rest.firstIndex(of: UInt8(ascii: character)) else { return nil }
            defer { rest = rest[place...] }
            return rest[..<place]
        }
    }
}
