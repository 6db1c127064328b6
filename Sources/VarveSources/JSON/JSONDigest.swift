import VarveCrypto
import VarveFormat

/// The SHA-256 of what a JSON value says, whatever white space it has and in whatever order its members are:
/// members are sorted by the bytes of their names, and nothing else is changed.
struct JSONDigest: ~Copyable {
    private let text: JSONText
    private var hash = SHA256Context()

    /// Of one value of a text, in hexadecimal digits.
    static func hex(of value: JSONText.Value, in text: JSONText) -> String {
        var digest = JSONDigest(text: text)
        digest.add(value)
        return digest.finish()
    }

    private init(text: JSONText) { self.text = text }

    private mutating func add(_ value: JSONText.Value) {
        switch value.kind {
        case .object:
            let members = text.members(of: value).sorted {
                text.bytes[$0.nameRange].lexicographicallyPrecedes(text.bytes[$1.nameRange])
            }
            add("{")
            for member in members {
                add(member.nameRange)
                add(":")
                add(member.value)
                add(",")
            }
            add("}")
        case .array:
            add("[")
            for element in text.elements(of: value) {
                add(element)
                add(",")
            }
            add("]")
        case .string, .number, .literal: add(value.range)
        }
    }

    private mutating func add(_ range: Range<Int>) {
        text.bytes.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    private mutating func add(_ sign: StaticString) {
        hash.update(UnsafeRawBufferPointer(start: sign.utf8Start, count: sign.utf8CodeUnitCount))
    }

    private consuming func finish() -> String {
        let bytes = [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { room, count in
            hash.finish(into: UnsafeMutableRawPointer(room.baseAddress!))
            count = SHA256.byteCount
        }
        return Hex.encode(bytes)
    }
}
