import VarveSystem

/// The paths that fit a pattern, in order of names; none when nothing does.
///
/// In each component `*`, `?` and `[a-z]` are as in patterns of what is left out; a star also stands
/// for a dot in front. Without such a character the pattern is the path, whether it exists or not.
public func pathsFitting(
    _ pattern: [UInt8], from origin: ExcludeRules.Origin
) throws(PatternError) -> [[UInt8]] {
    guard !NamePattern.isPlain(pattern[...]) else { return [pattern] }
    let slash = UInt8(ascii: "/")
    var found: [[UInt8]] = [pattern.first == slash ? [slash] : []]
    let parts = pattern.split(separator: slash)
    for (index, part) in parts.enumerated() {
        let name: NamePattern
        do {
            name = try NamePattern(part, ignoringCase: false)
        } catch {
            throw PatternError(
                pattern: String(decoding: pattern, as: UTF8.self), origin: "\(origin)",
                reason: error.rawValue)
        }
        let isLast = index == parts.count - 1
        found = found.flatMap { directory in
            NamePattern.isPlain(part)
                ? existing(directory + part) : entries(of: directory, fitting: name)
        }
        if !isLast { found = found.map { $0 + [slash] } }
    }
    return pattern.last == slash ? found.map { $0 + [slash] } : found
}

private func existing(_ path: [UInt8]) -> [[UInt8]] {
    (try? File.status(of: path, follow: false)) == nil ? [] : [path]
}

private func entries(of directory: [UInt8], fitting name: NamePattern) -> [[UInt8]] {
    let path = directory.isEmpty ? Array(".".utf8) : directory
    // What cannot be listed, or is no directory, holds nothing that fits.
    guard let entries = try? File.openDirectory(path).entries() else { return [] }
    return entries.map(\.name).filter { name.matches($0.span) }
        .sorted { $0.lexicographicallyPrecedes($1) }.map { directory + $0 }
}
