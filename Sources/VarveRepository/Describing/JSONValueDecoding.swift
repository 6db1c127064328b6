import FoundationEssentials

extension JSONValue {
    /// The value of JSON text, its objects' fields in alphabetical order; nil when it is no JSON.
    public init?(json: [UInt8]) {
        guard let decoded = try? JSONDecoder().decode(Decoded.self, from: Data(json)) else {
            return nil
        }
        self = decoded.value
    }

    private struct Decoded: Decodable {
        var value: JSONValue

        init(from decoder: any Decoder) throws {
            if let fields = try? decoder.container(keyedBy: Name.self) {
                let names = fields.allKeys.sorted { $0.stringValue < $1.stringValue }
                value = .object(
                    try names.map {
                        Field($0.stringValue, try fields.decode(Decoded.self, forKey: $0).value)
                    })
                return
            }
            if var items = try? decoder.unkeyedContainer() {
                var list: [JSONValue] = []
                while !items.isAtEnd { list.append(try items.decode(Decoded.self).value) }
                value = .list(list)
                return
            }
            value = try Self.single(try decoder.singleValueContainer())
        }

        private static func single(
            _ container: any SingleValueDecodingContainer
        ) throws -> JSONValue {
            if container.decodeNil() { return .null }
            if let flag = try? container.decode(Bool.self) { return .flag(flag) }
            if let integer = try? container.decode(Int.self) { return .integer(integer) }
            if let number = try? container.decode(Double.self) { return .number(number) }
            return .text(try container.decode(String.self))
        }
    }

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
