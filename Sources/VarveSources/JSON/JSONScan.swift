/// Reads JSON from bytes, strictly as RFC 8259 has it, and tells where each value begins and ends.
struct JSONScan {
    private let bytes: [UInt8]
    private var place: Int

    init(_ bytes: [UInt8], from place: Int = 0) {
        self.bytes = bytes
        self.place = place
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    /// One value and nothing else.
    mutating func text() throws(JSONText.Failure) -> JSONText.Value {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw failure("a byte order mark") }
        skipSpace()
        let value = try value(0)
        skipSpace()
        guard place == bytes.count else { throw failure("something stands behind the value") }
        return value
    }

    private mutating func value(_ depth: Int) throws(JSONText.Failure) -> JSONText.Value {
        guard depth < JSONText.depthMax else { throw failure("it is nested too deeply") }
        let start = place
        let kind: JSONText.Kind
        switch next {
        case UInt8(ascii: "{"):
            try object(depth) { _, _ in }
            kind = .object
        case UInt8(ascii: "["):
            try array(depth) { _ in }
            kind = .array
        case UInt8(ascii: "\""):
            try string()
            kind = .string
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
            try number()
            kind = .number
        case nil: throw failure("it ends where a value should be")
        default:
            try literal()
            kind = .literal
        }
        return JSONText.Value(kind: kind, range: start..<place)
    }

    /// An object that begins here.
    mutating func object(
        _ depth: Int, _ member: (_ name: Range<Int>, JSONText.Value) -> Void
    ) throws(JSONText.Failure) {
        try sequence(until: UInt8(ascii: "}")) { (scan) throws(JSONText.Failure) in
            let start = scan.place
            guard scan.next == UInt8(ascii: "\"") else {
                throw scan.failure("a name should be here")
            }
            try scan.string()
            let name = start..<scan.place
            scan.skipSpace()
            try scan.expect(UInt8(ascii: ":"))
            scan.skipSpace()
            member(name, try scan.value(depth + 1))
        }
    }

    /// An array that begins here.
    mutating func array(
        _ depth: Int, _ element: (JSONText.Value) -> Void
    ) throws(JSONText.Failure) {
        try sequence(until: UInt8(ascii: "]")) { (scan) throws(JSONText.Failure) in
            element(try scan.value(depth + 1))
        }
    }

    /// What stands between brackets, with commas between.
    private mutating func sequence(
        until end: UInt8, _ item: (inout JSONScan) throws(JSONText.Failure) -> Void
    ) throws(JSONText.Failure) {
        place += 1
        skipSpace()
        if next == end {
            place += 1
            return
        }
        while true {
            try item(&self)
            skipSpace()
            if next == end {
                place += 1
                return
            }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
    }

    private mutating func string() throws(JSONText.Failure) {
        let start = place
        place += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                guard String(validating: bytes[start..<place], as: UTF8.self) != nil else {
                    throw failure("a string is not UTF-8")
                }
                place += 1
                return
            case UInt8(ascii: "\\"):
                place += 1
                try escape()
            case 0..<0x20: throw failure("a control character in a string")
            default: place += 1
            }
        }
        throw failure("it ends in a string")
    }

    private mutating func escape() throws(JSONText.Failure) {
        guard let code = next, #""\/bfnrtu"#.utf8.contains(code) else {
            throw failure("an escape that JSON does not have")
        }
        place += 1
        guard code == UInt8(ascii: "u") else { return }
        let digits = bytes[place..<min(place + 4, bytes.count)]
        guard digits.count == 4, digits.allSatisfy(Self.isHexDigit) else {
            throw failure("four hexadecimal digits should be here")
        }
        place += 4
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Character(Unicode.Scalar(byte)).isHexDigit
    }

    private mutating func number() throws(JSONText.Failure) {
        if next == UInt8(ascii: "-") { place += 1 }
        if next == UInt8(ascii: "0") {
            place += 1
        } else {
            try digits()
        }
        if next == UInt8(ascii: ".") {
            place += 1
            try digits()
        }
        guard next == UInt8(ascii: "e") || next == UInt8(ascii: "E") else { return }
        place += 1
        if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
        try digits()
    }

    /// One or more.
    private mutating func digits() throws(JSONText.Failure) {
        let start = place
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            place += 1
        }
        guard place > start else { throw failure("a digit should be here") }
    }

    private mutating func literal() throws(JSONText.Failure) {
        for word in ["true", "false", "null"] where bytes[place...].starts(with: word.utf8) {
            place += word.utf8.count
            return
        }
        throw failure("a value should be here")
    }

    private mutating func expect(_ byte: UInt8) throws(JSONText.Failure) {
        guard next == byte else {
            throw failure(
                next == nil ? "it ends too early" : "'\(Unicode.Scalar(byte))' should be here")
        }
        place += 1
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            place += 1
        }
    }

    private func failure(_ reason: String) -> JSONText.Failure {
        let before = bytes[..<min(place, bytes.count)]
        let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        return JSONText.Failure(
            line: before.count { $0 == 0x0a } + 1, column: before.count - lineStart + 1,
            reason: reason)
    }
}
