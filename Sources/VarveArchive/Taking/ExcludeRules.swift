import VarveSystem

/// What is left out of a snapshot of a tree: patterns in the manner of restic, markers and bounds.
///
/// A pattern fits an entry and all that is below it. The last one that fits decides; with `!` in
/// front it takes back what an earlier one left out, unless a directory above is left out.
public struct ExcludeRules: Sendable {
    /// Where a pattern was written.
    public enum Origin: Sendable, Equatable {
        case option(String)
        case line(Int, file: String)
    }

    private struct Rule: Sendable {
        var pattern: PathPattern
        var takesBack: Bool
        var text: String
        var origin: Origin
    }

    private var rules: [Rule] = []
    /// Whether what fits a directory above has to be looked at for each entry.
    private var takesBack = false
    /// Files of more bytes are left out.
    public var bytesMax: Int?
    /// A directory with one of these files is left out, but for that file.
    public var markers: [ExcludeMarker] = []
    /// What lies on another file system than its source is left out.
    public var oneFileSystem = false

    public init() {}

    /// Adds a pattern; an empty one is ignored.
    public mutating func add(
        _ pattern: [UInt8], ignoringCase: Bool = false, from origin: Origin = .option("--exclude")
    ) throws(PatternError) {
        guard let first = pattern.first else { return }
        let text = String(decoding: pattern, as: UTF8.self)
        let isTakingBack = first == UInt8(ascii: "!")
        do {
            let compiled = try PathPattern(
                isTakingBack ? Array(pattern.dropFirst()) : pattern, ignoringCase: ignoringCase)
            rules.append(
                Rule(pattern: compiled, takesBack: isTakingBack, text: text, origin: origin))
            takesBack = takesBack || isTakingBack
        } catch {
            throw PatternError(pattern: text, origin: "\(origin)", reason: error.rawValue)
        }
    }

    public mutating func add(_ pattern: String) throws(PatternError) {
        try add(Array(pattern.utf8))
    }

    /// Why an entry of a directory that is not left out is left out itself; nil when it stays.
    ///
    /// `directory` is absolute, and empty for the root.
    func exclusion(
        of name: [UInt8], _ status: FileStatus, in directory: [UInt8]
    ) -> Exclusion? {
        if let limit = bytesMax, status.kind == .regular, status.size > limit {
            return .size(limit: limit)
        }
        return decisive(name, in: directory, above: takesBack)
    }

    /// Why a source is left out: a pattern fits it, or a directory above it.
    func exclusion(ofSource path: [UInt8]) -> Exclusion? {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")), slash + 1 < path.count else {
            return nil
        }
        return decisive(Array(path[(slash + 1)...]), in: Array(path[..<slash]), above: true)
    }

    /// Whether no entry can be left out for its name or its size.
    public var isEmpty: Bool { rules.isEmpty && bytesMax == nil }

    /// Whether the rules name the entry at this absolute path, whatever it is.
    func names(_ path: [UInt8]) -> Bool {
        guard !rules.isEmpty, let slash = path.lastIndex(of: UInt8(ascii: "/")) else {
            return false
        }
        let name = Array(path[(slash + 1)...])
        return decisive(name, in: Array(path[..<slash]), above: takesBack) != nil
    }

    private func decisive(
        _ name: [UInt8], in directory: [UInt8], above: Bool
    ) -> Exclusion? {
        for rule in rules.reversed()
        where rule.pattern.fits(name.span, in: directory.span, above: above) {
            return rule.takesBack ? nil : .pattern(rule.text, rule.origin)
        }
        return nil
    }
}

extension ExcludeRules.Origin: CustomStringConvertible {
    /// "--exclude", "rules.txt:3".
    public var description: String {
        switch self {
        case .option(let name): name
        case .line(let line, let file): "\(file):\(line)"
        }
    }
}

/// A pattern that makes no sense.
public struct PatternError: Error, Sendable, Equatable, CustomStringConvertible {
    public var pattern: String
    public var origin: String
    public var reason: String

    public init(pattern: String, origin: String, reason: String) {
        self.pattern = pattern
        self.origin = origin
        self.reason = reason
    }

    public var description: String {
        "the pattern '\(pattern)' (\(origin)) makes no sense: \(reason)"
    }
}
