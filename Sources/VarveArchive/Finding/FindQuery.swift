public import VarveFormat

/// What entries are looked for: those that fit one of the patterns, if there are any, and all conditions.
public struct FindQuery: Sendable {
    private var patterns: [PathPattern] = []
    /// Any type when there are none.
    public var kinds: Set<Node.Kind> = []
    /// Files of more bytes.
    public var largerThan: Int?
    /// Files of fewer bytes.
    public var smallerThan: Int?
    /// Changed at this moment or later, in nanoseconds since 1970.
    public var changedFrom: Int64?
    /// Changed at this moment or earlier.
    public var changedTo: Int64?
    /// Files with one of these contents.
    public var contents: [FileContent]?

    public init() {}

    /// Whether every entry is looked for.
    public var isEmpty: Bool {
        patterns.isEmpty && kinds.isEmpty && largerThan == nil && smallerThan == nil
            && changedFrom == nil && changedTo == nil && contents == nil
    }

    /// Adds a pattern in the manner of `--exclude`, without `!`.
    public mutating func add(_ pattern: [UInt8], ignoringCase: Bool) throws(PatternError) {
        do {
            patterns.append(try PathPattern(pattern, ignoringCase: ignoringCase))
        } catch {
            throw PatternError(
                pattern: String(decoding: pattern, as: UTF8.self), origin: "PATTERN",
                reason: error.rawValue)
        }
    }

    /// Whether an entry may be one of those, by its name and type; `directory` is absolute, and empty for
    /// the root.
    func mayBe(_ name: Span<UInt8>, _ kind: Node.Kind, in directory: Span<UInt8>) -> Bool {
        guard kinds.isEmpty || kinds.contains(kind),
            kind == .file || (largerThan == nil && smallerThan == nil && contents == nil)
        else { return false }
        if patterns.isEmpty { return true }
        for pattern in patterns where pattern.fits(name, in: directory, above: false) {
            return true
        }
        return false
    }

    /// Whether an entry of which `mayBe` is true is one of those.
    func isMet(by node: Node) -> Bool {
        if let largerThan, node.size <= largerThan { return false }
        if let smallerThan, node.size >= smallerThan { return false }
        if let changedFrom, node.modified < changedFrom { return false }
        if let changedTo, node.modified > changedTo { return false }
        guard let contents else { return true }
        return contents.contains { $0.content == node.content && $0.holes == node.holes }
    }

    /// Whether something below the directory at this absolute path may be one of those.
    func mayHold(below directory: Span<UInt8>) -> Bool {
        if patterns.isEmpty { return true }
        for pattern in patterns where pattern.mayFit(below: directory) { return true }
        return false
    }
}

/// The bytes of a file, as a snapshot names them.
public struct FileContent: Sendable, Equatable {
    public var content: Content
    public var holes: [Node.Hole]
}
