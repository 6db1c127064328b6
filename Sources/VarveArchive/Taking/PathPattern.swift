/// A pattern of paths in the manner of restic: names with slashes between them.
///
/// It fits an entry when its names fit the last ones of the entry's path, or all of them when the
/// pattern starts with a slash. `**` is any number of names, also none.
struct PathPattern: Sendable {
    private enum Component: Sendable {
        case name(NamePattern)
        case anyDepth
    }

    private let components: [Component]
    private let isAnchored: Bool

    private static let slash = UInt8(ascii: "/")

    init(_ text: [UInt8], ignoringCase: Bool) throws(PatternFlaw) {
        isAnchored = text.first == Self.slash
        var components: [Component] = []
        for part in text.split(separator: Self.slash) {
            if part.elementsEqual("**".utf8) {
                if case .anyDepth = components.last { continue }
                components.append(.anyDepth)
            } else {
                components.append(.name(try NamePattern(part, ignoringCase: ignoringCase)))
            }
        }
        guard !components.isEmpty else { throw .empty }
        self.components = components
    }

    /// Whether the pattern fits the entry `name` of a directory, whose path is absolute and empty
    /// for the root; with `above`, also whether it fits a directory on the way.
    func fits(_ name: Span<UInt8>, in directory: Span<UInt8>, above: Bool) -> Bool {
        // The entry's own path ends one behind the directory's.
        var end = directory.count + 1
        while true {
            if fits(name, directory, end) { return true }
            guard above else { return false }
            end = Self.start(of: end, directory) - 1
            if end <= 0 { return false }
        }
    }

    /// Whether the pattern may fit something below a directory, whose path is absolute and empty for the
    /// root.
    func mayFit(below directory: Span<UInt8>) -> Bool {
        guard isAnchored else { return true }
        var start = 1
        for (index, component) in components.enumerated() {
            guard case .name(let pattern) = component else { return true }
            // What is below has a name more than the directory's own.
            guard start <= directory.count else { return true }
            guard index < components.count - 1 else { return false }
            var end = start
            while end < directory.count, directory[end] != Self.slash { end += 1 }
            guard pattern.matches(directory.extracting(start..<end)) else { return false }
            start = end + 1
        }
        return true
    }

    /// From the last name to the first; after a mismatch only the last `**` has to take in more.
    private func fits(_ name: Span<UInt8>, _ directory: Span<UInt8>, _ pathEnd: Int) -> Bool {
        var (left, end) = (components.count, pathEnd)
        var gap: (left: Int, end: Int)?
        while true {
            if left == 0 {
                if !isAnchored || end <= 0 { return true }
            } else if case .name(let pattern) = components[left - 1] {
                if end > 0 {
                    let start = Self.start(of: end, directory)
                    let isName = end > directory.count
                    let part = isName ? name : directory.extracting(start..<end)
                    if pattern.matches(part) {
                        (left, end) = (left - 1, start - 1)
                        continue
                    }
                }
            } else {
                left -= 1
                gap = (left, end)
                continue
            }
            guard let last = gap, last.end > 0 else { return false }
            end = Self.start(of: last.end, directory) - 1
            left = last.left
            gap = (left, end)
        }
    }

    /// Where the last name of a path that ends at `end` begins, behind its slash.
    private static func start(of end: Int, _ directory: Span<UInt8>) -> Int {
        if end > directory.count { return end }
        var start = end
        while start > 0, directory[start - 1] != slash { start -= 1 }
        return start
    }
}
