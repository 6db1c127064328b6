/// How the names of old backup files say when each was made: `backup_%Y%m%d_%H%M%S.json.gz`.
///
/// The fields are those of `strptime`, each of a fixed width where its digits say how many there are;
/// `*` stands for any text.
public struct TimePattern: Sendable, Equatable {
    /// Why a text is no pattern.
    public struct Failure: Error, Equatable {
        public var reason: String
    }

    enum Part: Sendable, Equatable {
        case literal([UInt8])
        case any
        case field(NameField)
    }

    let parts: [Part]

    public init(_ text: String) throws(Failure) {
        var parts: [Part] = []
        var characters = Array(text.utf8)[...]
        func add(literal byte: UInt8) {
            if case .literal(let bytes)? = parts.last {
                parts[parts.count - 1] = .literal(bytes + [byte])
            } else {
                parts.append(.literal([byte]))
            }
        }
        while let byte = characters.popFirst() {
            switch byte {
            case UInt8(ascii: "/"): throw Failure(reason: "it is about names, without slashes")
            case UInt8(ascii: "*"): parts.append(.any)
            case UInt8(ascii: "%"):
                guard let letter = characters.popFirst() else {
                    throw Failure(reason: "it ends with a `%`")
                }
                let expanded = Self.composed[letter] ?? [letter]
                for letter in expanded {
                    if let field = NameField(rawValue: letter) {
                        parts.append(.field(field))
                    } else if expanded.count > 1 || letter == UInt8(ascii: "%") {
                        add(literal: letter)
                    } else {
                        let name = String(decoding: [letter], as: UTF8.self)
                        throw Failure(reason: "`%\(name)` is no field of a time")
                    }
                }
            default: add(literal: byte)
            }
        }
        self.parts = parts
        try check()
    }

    private static let composed: [UInt8: [UInt8]] = [
        UInt8(ascii: "F"): Array("Y-m-d".utf8), UInt8(ascii: "T"): Array("H:M:S".utf8),
    ]

    private func check() throws(Failure) {
        var fields: Set<NameField> = []
        for case .field(let field) in parts where !fields.insert(field).inserted {
            throw Failure(reason: "a field stands in it twice")
        }
        guard !fields.isDisjoint(with: [.year, .yearOfCentury, .epoch]) else {
            throw Failure(reason: "it has no year; write one like `backup_%Y%m%d_%H%M%S.sql.gz`")
        }
        guard fields.contains(.hourOfHalf) == fields.contains(.half) else {
            throw Failure(reason: "`%I` and `%p` belong together")
        }
    }

    /// The time in `name`; nil when it does not match.
    public func time(in name: [UInt8]) -> NamedTime? {
        var (part, rest, found) = (0, name[...], [NameField: Int]())
        /// Where to try again, with one more byte for the last `*`.
        var star: (part: Int, rest: ArraySlice<UInt8>, found: [NameField: Int])?
        while part < parts.count || !rest.isEmpty {
            if part < parts.count {
                if parts[part] == .any {
                    part += 1
                    star = (part, rest, found)
                    continue
                }
                if Self.take(parts[part], &rest, &found) {
                    part += 1
                    continue
                }
            }
            guard var again = star, again.rest.popFirst() != nil else { return nil }
            star = again
            (part, rest, found) = again
        }
        return NamedTime(found)
    }

    private static func take(
        _ part: Part, _ rest: inout ArraySlice<UInt8>, _ found: inout [NameField: Int]
    ) -> Bool {
        switch part {
        case .any: return false
        case .literal(let bytes):
            guard rest.starts(with: bytes) else { return false }
            rest = rest.dropFirst(bytes.count)
            return true
        case .field(let field):
            guard let value = field.take(from: &rest) else { return false }
            found[field] = value
            return true
        }
    }

    /// What the files have in common, as the name of a stream: `backup.json`; nil when too little
    /// remains. `isCompressed` leaves out the ending of gzip.
    public func streamName(isCompressed: Bool) -> String? {
        let separators = Set("_-. ".utf8)
        var name: [UInt8] = []
        for (index, part) in parts.enumerated() {
            guard case .literal(var bytes) = part else { continue }
            if index + 1 < parts.count {
                while let last = bytes.last, separators.contains(last) { bytes.removeLast() }
            }
            name += bytes
        }
        while let first = name.first, separators.subtracting(".".utf8).contains(first) {
            name.removeFirst()
        }
        let ending = Array(".gz".utf8)
        if isCompressed, name.suffix(3) == ending[...] { name.removeLast(3) }
        guard let first = name.first, first != UInt8(ascii: ".") else { return nil }
        return String(decoding: name, as: UTF8.self)
    }
}
