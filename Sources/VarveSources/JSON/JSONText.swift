/// A whole JSON text (RFC 8259), and where its values stand: nothing in it is ever written differently.
struct JSONText: Sendable {
    enum Kind: Sendable { case object, array, string, number, literal }

    /// A value, by the bytes that it takes.
    struct Value: Sendable, Equatable {
        var kind: Kind
        var range: Range<Int>
    }

    /// A member of an object.
    struct Member: Sendable {
        var name: String
        /// The bytes of the name, with its quotes.
        var nameRange: Range<Int>
        var value: Value
    }

    /// Why bytes are no JSON text.
    struct Failure: Error, Equatable, CustomStringConvertible {
        /// From 1.
        var line: Int
        /// In bytes, from 1.
        var column: Int
        var reason: String

        var description: String { "line \(line), column \(column): \(reason)" }
    }

    /// Deeper nesting is refused.
    static let depthMax = 256

    let bytes: [UInt8]
    /// All of it.
    let root: Value

    init(_ bytes: [UInt8]) throws(Failure) {
        var scan = JSONScan(bytes)
        root = try scan.text()
        self.bytes = bytes
    }

    /// The members of an object, in their order; a name may come twice.
    func members(of value: Value) -> [Member] {
        var members: [Member] = []
        var scan = JSONScan(bytes, from: value.range.lowerBound)
        // It was read before, so it cannot fail.
        try? scan.object(0) { nameRange, value in
            members.append(
                Member(name: Self.string(bytes[nameRange]), nameRange: nameRange, value: value))
        }
        return members
    }

    /// The elements of an array, in their order.
    func elements(of value: Value) -> [Value] {
        var elements: [Value] = []
        var scan = JSONScan(bytes, from: value.range.lowerBound)
        try? scan.array(0) { elements.append($0) }
        return elements
    }

    /// Members or elements; nil for what has none.
    func count(of value: Value) -> Int? {
        switch value.kind {
        case .object: members(of: value).count
        case .array: elements(of: value).count
        case .string, .number, .literal: nil
        }
    }

    /// The value of the last member with this name, as most programs read it.
    func member(_ name: String, of value: Value) -> Value? {
        guard value.kind == .object else { return nil }
        return members(of: value).last { $0.name == name }?.value
    }

    /// What a string in quotes stands for.
    private static func string(_ quoted: ArraySlice<UInt8>) -> String {
        var units: [UInt16] = []
        var rest = quoted.dropFirst().dropLast()
        while let byte = rest.first {
            guard byte == UInt8(ascii: "\\") else {
                let plain = rest.prefix { $0 != UInt8(ascii: "\\") }
                units += Array(String(decoding: plain, as: UTF8.self).utf16)
                rest = rest.dropFirst(plain.count)
                continue
            }
            let code = rest.dropFirst().first ?? 0
            rest = rest.dropFirst(2)
            switch code {
            case UInt8(ascii: "b"): units.append(8)
            case UInt8(ascii: "f"): units.append(12)
            case UInt8(ascii: "n"): units.append(10)
            case UInt8(ascii: "r"): units.append(13)
            case UInt8(ascii: "t"): units.append(9)
            case UInt8(ascii: "u"):
                let digits = String(decoding: rest.prefix(4), as: UTF8.self)
                units.append(UInt16(digits, radix: 16) ?? 0xfffd)
                rest = rest.dropFirst(4)
            default: units.append(UInt16(code))
            }
        }
        return String(decoding: units, as: UTF16.self)
    }
}
