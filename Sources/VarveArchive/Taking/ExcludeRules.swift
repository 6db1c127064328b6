/// What is left out of a snapshot of a tree: patterns in the manner of restic and gitignore.
///
/// A pattern with a slash inside or in front is anchored: at the root when it starts with one, at
/// any directory else. `*` and `?` stop at slashes, `**` does not; `[a-z]` is a set. A pattern that
/// matches a directory leaves out all that is in it; one with `!` in front takes back what an
/// earlier one left out, unless a directory above is left out.
public struct ExcludeRules: Sendable {
    private struct Rule: Sendable {
        var pattern: PathPattern
        var takesBack: Bool
        var text: String
    }

    private var rules: [Rule] = []
    /// Files of more bytes are left out.
    public var bytesMax: Int?
    /// A directory that holds a file of one of these names is left out, but for that file.
    public var markers: [String] = []
    /// Directories with a valid CACHEDIR.TAG are left out.
    public var caches = false
    /// What lies on another file system than its source is left out.
    public var oneFileSystem = false

    public init() {}

    public var isEmpty: Bool { rules.isEmpty && bytesMax == nil && markers.isEmpty && !caches }

    /// Adds a pattern; an empty one is ignored.
    public mutating func add(_ text: String, ignoringCase: Bool = false) {
        guard !text.isEmpty else { return }
        let takesBack = text.hasPrefix("!")
        let pattern = PathPattern(
            takesBack ? String(text.dropFirst()) : text, ignoringCase: ignoringCase)
        rules.append(Rule(pattern: pattern, takesBack: takesBack, text: text))
    }

    /// The pattern that leaves out the entry at this absolute path, or nil.
    func matching(_ path: [UInt8]) -> String? {
        var found: String?
        for rule in rules where rule.pattern.matches(path) {
            found = rule.takesBack ? nil : rule.text
        }
        return found
    }
}
