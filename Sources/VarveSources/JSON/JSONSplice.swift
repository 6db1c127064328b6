import VarveRepository

/// Puts a value into a JSON text at some place, and leaves every other byte as it is.
struct JSONSplice {
    private let text: JSONText
    /// What the new value replaces.
    private var range: Range<Int>
    /// What stands before the new value when its member is new.
    private var lead: [UInt8] = []

    /// The place may be there, or be a new member of an object that is there.
    init(_ pointer: JSONPointer, of text: JSONText, path: String) throws(SourceError) {
        self.text = text
        if let value = pointer.value(in: text) {
            range = value.range
            return
        }
        let parent = JSONPointer(steps: pointer.steps.dropLast())
        guard let name = pointer.steps.last, let object = parent.value(in: text),
            object.kind == .object
        else {
            throw SourceError("\(path) has no object at '\(parent)' that could take it")
        }
        (range, lead) = Self.newMember(name, of: object, in: text)
    }

    /// Behind the last member, with white space as that one has it.
    private static func newMember(
        _ name: String, of object: JSONText.Value, in text: JSONText
    ) -> (Range<Int>, [UInt8]) {
        let quoted = Array(JSONValue.text(name).line.utf8)
        let members = text.members(of: object)
        guard let last = members.last else {
            let start = object.range.lowerBound + 1
            return (start..<object.range.upperBound - 1, quoted + Array(": ".utf8))
        }
        let space = text.bytes[..<last.nameRange.lowerBound].reversed().prefix {
            $0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09
        }
        let between = text.bytes[last.nameRange.upperBound..<last.value.range.lowerBound]
        let end = last.value.range.upperBound
        return (end..<end, [UInt8(ascii: ",")] + space.reversed() + quoted + between)
    }

    /// The text with `value` at that place.
    func text(with value: ArraySlice<UInt8>) -> [UInt8] {
        text.bytes[..<range.lowerBound] + lead + value + text.bytes[range.upperBound...]
    }
}
