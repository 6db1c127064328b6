import Testing

@Suite("Names")
struct NameTests {
    @Test("no file or folder is a drawer for what has no name")
    func drawers() throws {
        let tree = try SourceTree.current.get()
        #expect(tree.paths.filter(Self.isDrawer) == [])
    }

    @Test("a drawer is known by the last word of a name")
    func words() {
        let drawers = ["Sources/X/Path" + "Utils.swift", "tools/" + "helpers.py", "Common/A.swift"]
        #expect(drawers.allSatisfy(Self.isDrawer))
        let names = ["Sources/X/DeltaBase.swift", "Extraction.swift", "docs/commonplace.md"]
        #expect(!names.contains(where: Self.isDrawer))
    }

    /// "Base" is a word of the field here, so it is a drawer only alone.
    private static func isDrawer(_ path: String) -> Bool {
        path.split(separator: "/").contains { part in
            let stem = part.prefix { $0 != "." }
            let last = stem.matches(of: #/[A-Z]?[a-z0-9]+|[A-Z]+/#).last?.output.lowercased() ?? ""
            if stem.lowercased() == "base" { return true }
            let words = ["util", "utility", "helper", "manager", "common", "misc", "extra"]
            return words.contains(last) || words.map { $0 + "s" }.contains(last)
                || last == "utilities"
        }
    }
}
