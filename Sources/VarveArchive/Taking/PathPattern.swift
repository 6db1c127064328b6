/// One pattern of names, matched against the components of a path.
struct PathPattern: Sendable {
    private let components: [[UInt8]]
    private let isAnchored: Bool
    private let ignoresCase: Bool

    private static let slash = UInt8(ascii: "/")

    init(_ text: String, ignoringCase: Bool) {
        let bytes = Array((ignoringCase ? text.lowercased() : text).utf8)
        isAnchored = bytes.first == Self.slash
        ignoresCase = ignoringCase
        components = bytes.split(separator: Self.slash).map(Array.init)
    }

    /// Whether the pattern fits the end of `path`, or all of it when anchored.
    func matches(_ path: [UInt8]) -> Bool {
        let folded =
            ignoresCase ? Array(String(decoding: path, as: UTF8.self).lowercased().utf8) : path
        let names = folded.split(separator: Self.slash)
        guard !components.isEmpty else { return false }
        if isAnchored { return Self.match(components[...], names[...]) }
        return names.indices.contains { Self.match(components[...], names[$0...]) }
    }

    private static func match(
        _ pattern: ArraySlice<[UInt8]>, _ names: ArraySlice<ArraySlice<UInt8>>
    ) -> Bool {
        guard let first = pattern.first else { return names.isEmpty }
        if first.elementsEqual("**".utf8) {
            return (names.startIndex...names.endIndex).contains {
                match(pattern.dropFirst(), names[$0...])
            }
        }
        guard let name = names.first, match(first[...], name) else { return false }
        return match(pattern.dropFirst(), names.dropFirst())
    }

    /// Shell matching within one component, without backtracking further than the last star.
    private static func match(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var (p, n) = (pattern.startIndex, name.startIndex)
        var star: (pattern: Int, name: Int)?
        while n < name.endIndex {
            if p < pattern.endIndex, pattern[p] == UInt8(ascii: "*") {
                star = (p + 1, n)
                p += 1
            } else if p < pattern.endIndex, let next = single(pattern[p...], name[n]) {
                (p, n) = (next, n + 1)
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                (p, n) = (last.pattern, last.name + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// Where the pattern goes on when its next element takes `byte`; nil when it does not.
    private static func single(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> Int? {
        let start = pattern.startIndex
        switch pattern[start] {
        case UInt8(ascii: "?"): return start + 1
        case UInt8(ascii: "["): return set(pattern, byte)
        case UInt8(ascii: "\\") where pattern.count > 1:
            return pattern[start + 1] == byte ? start + 2 : nil
        default: return pattern[start] == byte ? start + 1 : nil
        }
    }

    private static func set(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> Int? {
        guard let end = pattern.dropFirst(2).firstIndex(of: UInt8(ascii: "]")) else {
            return pattern.first == byte ? pattern.startIndex + 1 : nil
        }
        var members = pattern[(pattern.startIndex + 1)..<end]
        let isNegated = members.first == UInt8(ascii: "^")
        if isNegated { members = members.dropFirst() }
        var isMember = false
        var index = members.startIndex
        while index < members.endIndex {
            let isRange = index + 2 < members.endIndex && members[index + 1] == UInt8(ascii: "-")
            let last = isRange ? members[index + 2] : members[index]
            if members[index] <= byte, byte <= last { isMember = true }
            index += isRange ? 3 : 1
        }
        return isMember != isNegated ? end + 1 : nil
    }
}
