import FoundationEssentials

/// What the format's JSON objects have in common.
enum JSONText {
    /// Decodes `json`; the decoder itself refuses more than 512 levels of nesting.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from json: [UInt8], atMost limit: Int
    ) throws(FormatError) -> Value {
        guard json.count <= limit else { throw .invalid("a JSON object is too long") }
        do {
            return try JSONDecoder().decode(type, from: Data(json))
        } catch {
            throw .invalid("a JSON object is not as it should be")
        }
    }

    /// One line, its keys in alphabetical order.
    static func encode(_ value: some Encodable, atMost limit: Int) throws(FormatError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json: [UInt8]
        do {
            json = Array(try encoder.encode(value))
        } catch {
            throw .invalid("a value has no JSON")
        }
        guard json.count <= limit else { throw .invalid("a JSON object is too long") }
        return json
    }

    static func identifier<Kind>(_ hex: String) throws(FormatError) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(hex: hex) else {
            throw .invalid("an id is not 64 hexadecimal digits")
        }
        return id
    }

    static func bytes(_ hex: String, count: Int) throws(FormatError) -> [UInt8] {
        guard let bytes = Hex.decode(hex), bytes.count == count else {
            throw .invalid("a value is not \(count * 2) hexadecimal digits")
        }
        return bytes
    }

    static func time(_ text: String) throws(FormatError) -> Int64 {
        guard let nanoseconds = Timestamp.nanoseconds(text) else {
            throw .invalid("a time is not ISO 8601 in UTC with nanoseconds")
        }
        return nanoseconds
    }

    /// `text` between quotation marks.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                quoted += "\\"
                quoted.unicodeScalars.append(scalar)
            case "\0"..<" ": quoted += "\\u00" + Hex.encode([UInt8(scalar.value)])
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
