import VarveRepository
import VarveSystem

/// Names and paths as they are safe to show: a file name may hold what steers a terminal.
enum Shown {
    /// The text with control characters, and bytes that are not UTF-8, replaced.
    static func text(_ text: String) -> String {
        let text = String(decoding: RawText.bytes(text), as: UTF8.self)
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            shown.unicodeScalars.append(isControl(scalar) ? "\u{fffd}" : scalar)
        }
        return shown
    }

    static func path(_ bytes: [UInt8]) -> String { text(String(decoding: bytes, as: UTF8.self)) }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
    }

    /// The fields for a name of raw bytes: text, and base64 when it is not UTF-8.
    static func fields(_ name: String, _ bytes: [UInt8]) -> [JSONValue.Field] {
        let text = String(decoding: bytes, as: UTF8.self)
        let field = JSONValue.Field(name, .text(text))
        guard !text.utf8.elementsEqual(bytes) else { return [field] }
        return [field, JSONValue.Field(name + "_base64", .text(base64(bytes)))]
    }

    /// The same for a path of an event.
    static func fields(_ name: String, _ path: String) -> [JSONValue.Field] {
        fields(name, RawText.bytes(path))
    }

    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let padded = Array(group) + repeatElement(0, count: 3 - group.count)
            let word = Int(padded[0]) << 16 | Int(padded[1]) << 8 | Int(padded[2])
            for place in 0..<4 {
                let digit = digits[word >> (18 - 6 * place) & 63]
                text.append(place <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension JSONValue {
    /// Seconds with their fractions.
    static func seconds(nanoseconds: Int64) -> JSONValue { .number(Double(nanoseconds) / 1e9) }
}

extension String {
    /// The text and spaces behind it, up to `width` characters.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }

    /// Spaces and the text behind them, up to `width` characters.
    func aligned(to width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - count)) + self
    }
}
