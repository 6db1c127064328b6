import FoundationEssentials
import Testing

@Suite("Documents")
struct DocumentTests {
    let tree: SourceTree

    init() throws { tree = try SourceTree.current.get() }

    @Test("every link from a document into the repository leads somewhere")
    func links() {
        var broken: [String] = []
        for document in tree.files where document.isMarkdown {
            for (target, line) in Self.links(in: document.lines)
            where !leads(target, from: document) {
                broken.append("\(document.path):\(line + 1): \(target)")
            }
        }
        #expect(broken == [])
    }

    @Test("links are found outside code, and headings are named as they are linked")
    func linkSyntax() {
        let lines = [
            "[a](b.md#c) and [d]( <e f.md> )", "```", "[no](no)", "```", "`[no](no)` [x](y)",
        ]
        #expect(Self.links(in: lines).map(\.target) == ["b.md#c", "e f.md", "y"])
        #expect(Self.anchor(ofHeading: "## 5. The `order` of writes!") == "5-the-order-of-writes")
    }

    @Test("decision records are numbered from 1 without gaps, and take a page at most")
    func decisions() {
        let folder = "docs/decisions/"
        let records = tree.files.filter { $0.path.hasPrefix(folder) && $0.name != "README.md" }
        let numbers = records.map { record in
            record.name.wholeMatch(of: #/(\d{4})-[a-z0-9\-]+\.md/#).flatMap { Int($0.output.1) }
        }
        #expect(numbers == Array(1..<(records.count + 1)), "\(records.map(\.name))")
        let long = records.filter { $0.lines.count - 1 > 70 }
        #expect(long.map { "\($0.path): \($0.lines.count - 1) lines" } == [])
    }

    /// Whether a target is elsewhere in the world, or a file, a folder or a heading that exists.
    private func leads(_ target: String, from document: SourceFile) -> Bool {
        if target.contains(#/^[a-z]+:/#) { return true }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].isEmpty ? document.path : Self.resolve(String(parts[0]), document.path)
        guard let path else { return false }
        let exists = path.isEmpty || tree.paths.contains { $0 == path || $0.hasPrefix(path + "/") }
        guard exists, parts.count == 2, let linked = tree.file(path), linked.isMarkdown else {
            return exists
        }
        return linked.lines.contains {
            $0.hasPrefix("#") && Self.anchor(ofHeading: $0) == parts[1]
        }
    }

    /// The path from the root; nil when it leaves the repository.
    private static func resolve(_ target: String, _ document: String) -> String? {
        var parts = Array(document.split(separator: "/").dropLast())
        for part in target.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.joined(separator: "/")
    }

    private static func links(in lines: [String]) -> [(target: String, line: Int)] {
        var inCode = false
        return lines.enumerated().flatMap { number, line in
            if line.drop(while: { $0 == " " }).hasPrefix("```") { inCode.toggle() }
            if inCode { return [(target: String, line: Int)]() }
            let text = line.replacing(#/`[^`]*`/#, with: "")
            return text.matches(of: #/\]\(\s*<?([^)>]+?)>?\s*\)/#).map { ($0.output.1, number) }
                .map { (String($0.0), $0.1) }
        }
    }

    private static func anchor(ofHeading heading: String) -> String {
        let text = heading.drop { $0 == "#" || $0 == " " }.lowercased()
        let kept = text.filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
        return kept.replacing(" ", with: "-")
    }
}
