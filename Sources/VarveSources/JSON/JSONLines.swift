/// A JSON value over several lines, so that two can be compared: a member or element a line, members sorted by
/// their names.
enum JSONLines {
    static func lines(of value: JSONText.Value, in text: JSONText) -> [String] {
        var lines: [String] = []
        add(value, named: "", behind: "", depth: 0, text, &lines)
        return lines
    }

    private static func add(
        _ value: JSONText.Value, named name: String, behind end: String, depth: Int,
        _ text: JSONText, _ lines: inout [String]
    ) {
        let lead = String(repeating: "  ", count: depth) + name
        switch value.kind {
        case .object:
            let members = text.members(of: value).sorted { $0.name < $1.name }
            guard !members.isEmpty else { return lines.append(lead + "{}" + end) }
            lines.append(lead + "{")
            for (position, member) in members.enumerated() {
                let name = String(decoding: text.bytes[member.nameRange], as: UTF8.self) + ": "
                add(
                    member.value, named: name, behind: position + 1 < members.count ? "," : "",
                    depth: depth + 1, text, &lines)
            }
            lines.append(String(repeating: "  ", count: depth) + "}" + end)
        case .array:
            let elements = text.elements(of: value)
            guard !elements.isEmpty else { return lines.append(lead + "[]" + end) }
            lines.append(lead + "[")
            for (position, element) in elements.enumerated() {
                add(
                    element, named: "", behind: position + 1 < elements.count ? "," : "",
                    depth: depth + 1, text, &lines)
            }
            lines.append(String(repeating: "  ", count: depth) + "]" + end)
        case .string, .number, .literal:
            lines.append(lead + String(decoding: text.bytes[value.range], as: UTF8.self) + end)
        }
    }
}
