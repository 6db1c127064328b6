/// The place of a value in a JSON text (RFC 6901): `/templates/0/name`, with `~1` for a slash in a name, and
/// `~0` for a tilde.
public struct JSONPointer: Sendable, Equatable {
    /// Names of members, or positions in arrays.
    let steps: [String]

    /// Nil for text that is none: it is empty, for the whole text, or begins with a slash.
    public init?(_ text: String) {
        guard !text.isEmpty else {
            steps = []
            return
        }
        guard text.hasPrefix("/") else { return nil }
        var steps: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let step = Self.unescaped(part) else { return nil }
            steps.append(step)
        }
        self.steps = steps
    }

    init(steps: [String]) { self.steps = steps }

    private static func unescaped(_ part: Substring) -> String? {
        var step = ""
        var rest = part
        while let character = rest.popFirst() {
            guard character == "~" else {
                step.append(character)
                continue
            }
            switch rest.popFirst() {
            case "0": step.append("~")
            case "1": step.append("/")
            default: return nil
            }
        }
        return step
    }

    /// Where it leads; nil when there is nothing.
    func value(in text: JSONText) -> JSONText.Value? {
        var value = text.root
        for step in steps {
            guard let next = Self.step(step, from: value, in: text) else { return nil }
            value = next
        }
        return value
    }

    private static func step(
        _ step: String, from value: JSONText.Value, in text: JSONText
    ) -> JSONText.Value? {
        switch value.kind {
        case .object: return text.member(step, of: value)
        case .array:
            // No sign and no zero in front.
            guard let index = Int(step), "\(index)" == step else { return nil }
            let elements = text.elements(of: value)
            return elements.indices.contains(index) ? elements[index] : nil
        case .string, .number, .literal: return nil
        }
    }
}

extension JSONPointer: CustomStringConvertible {
    public var description: String {
        steps.map { step in
            "/" + step.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
        }.joined()
    }
}
