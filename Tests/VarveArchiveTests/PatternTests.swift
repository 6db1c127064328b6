import TestSupport
import Testing

@testable import VarveArchive

@Suite("A pattern")
struct PatternTests {
    private func fits(_ pattern: String, _ path: String, ignoringCase: Bool = false) throws -> Bool
    {
        let compiled = try PathPattern(Array(pattern.utf8), ignoringCase: ignoringCase)
        let cut = try #require(path.utf8.lastIndex(of: UInt8(ascii: "/")))
        let name = Array(path.utf8[path.utf8.index(after: cut)...])
        let directory = Array(path.utf8[..<cut])
        return compiled.fits(name.span, in: directory.span, above: true)
    }

    @Test("fits whole names, anywhere or from the root on, and what is below")
    func documented() throws {
        let fitting = [
            ("foo", "/dir/foo"), ("foo", "/foo"), ("foo", "/foo/below/it"), ("foo/", "/dir/foo"),
            ("/bin", "/bin/bash"), ("/bin", "/bin"), ("foo/**/bar", "/a/foo/b/c/bar"),
            ("foo/**/bar", "/foo/bar"), ("foo/**", "/a/foo"), ("**/foo", "/foo"),
            ("f?o//bar", "/x/fäo/bar"), ("*.o", "/a.o"), ("[a-c]x", "/bx"), ("[^a-c]x", "/dx"),
            ("\\*x", "/*x"), ("a*b*c", "/axbxbc"), ("/**/x", "/a/b/x"), ("**", "/a"),
            ("[\\]]", "/]"), ("a[\\-+]b", "/a+b"),
        ]
        for (pattern, path) in fitting { #expect(try fits(pattern, path), "\(pattern) \(path)") }
        let others = [
            ("foo", "/dir/foobar"), ("foo", "/barfoo"), ("/bin", "/usr/bin"),
            ("b*h", "/b/h"), ("foo/bar", "/foo/x/bar"), ("?", "/ab"), ("[^a]", "/a"),
            ("*.o", "/a.O"), ("/a/*", "/a"), ("\\*x", "/yx"),
        ]
        for (pattern, path) in others { #expect(try !fits(pattern, path), "\(pattern) \(path)") }
        #expect(try fits("*.JPG", "/x.jpg", ignoringCase: true))
        #expect(try fits("ÄRGER", "/ärger", ignoringCase: true))
        #expect(try !fits("ÄRGER", "/ärger"))
    }

    @Test("of bytes that are no UTF-8 fits just these, and a question mark takes one of them")
    func bytes() throws {
        let name: [UInt8] = [0x61, 0xff, 0x62]
        let cases: [([UInt8], Bool)] = [
            (name, true), (Array("a?b".utf8), true), ([0x61, 0xfe, 0x62], false),
            (Array("a*".utf8), true), ([0x2a, 0xff, 0x62], true),
            ([0x61, 0x5b, 0xff, 0x5d, 0x62], true),
        ]
        for (pattern, isFitting) in cases {
            let compiled = try PathPattern(pattern, ignoringCase: false)
            #expect(
                compiled.fits(name.span, in: [UInt8]().span, above: false) == isFitting,
                "\(pattern)")
        }
    }

    @Test("that makes no sense is refused, and says where it was written")
    func nonsense() {
        for text in ["[z", "a[", "[]", "[]a]", "a\\", "[z-a]", "[a-]", "[-", "/", "!", "!/", "//"] {
            var rules = ExcludeRules()
            let error = #expect(throws: PatternError.self) {
                try rules.add(Array(text.utf8), from: .line(3, file: "list"))
            }
            #expect(error?.description.contains("(list:3)") == true, "\(text)")
        }
    }

    @Test("of many stars takes no time that grows beyond its length and the path's")
    func stars() throws {
        let name = "/" + String(repeating: "a", count: 200)
        #expect(try !fits(String(repeating: "a*", count: 90) + "b", name))
        let path = String(repeating: "/a", count: 400) + "/b"
        #expect(try !fits(String(repeating: "**/a/", count: 40) + "c/b", path))
    }

    @Test("fits what a plain matcher says that it fits", arguments: 0..<4)
    func reference(_ seed: Int) throws {
        var draws = Draws(seed: seed)
        var fitting = 0
        for _ in 0..<10_000 {
            let pattern = draws.pattern()
            let path = draws.path()
            let ignoringCase = draws.next(4) == 0
            guard let fits = try? fits(pattern, path, ignoringCase: ignoringCase) else { continue }
            let plain =
                ignoringCase
                ? PlainMatcher.fits(pattern.lowercased(), path.lowercased())
                : PlainMatcher.fits(pattern, path)
            try #require(fits == plain, "\(pattern) on \(path), ignoring case: \(ignoringCase)")
            if fits { fitting += 1 }
        }
        #expect(fitting > 500, "few patterns fitted, so little was tested")
    }
}

/// What may be drawn is little, so that much of it fits.
private struct Draws {
    private let numbers: [UInt8]
    private var place = 0

    init(seed: Int) { numbers = noise(1 << 20, seed: UInt64(seed + 1)) }

    mutating func next(_ bound: Int) -> Int {
        place = (place + 1) % numbers.count
        return Int(numbers[place]) % bound
    }

    private mutating func text(of parts: [String], upTo count: Int) -> String {
        (0...next(count)).map { _ in parts[next(parts.count)] }.joined()
    }

    mutating func path() -> String {
        (0...next(4)).map { _ in "/" + text(of: ["a", "b", "B", ".", "ä", "-"], upTo: 3) }.joined()
    }

    mutating func pattern() -> String {
        let parts = ["a", "b", "B", ".", "ä", "*", "*", "?", "[a-b]", "[^a]", "[ä.]", "\\a", "\\-"]
        let names = (0...next(3)).map { _ in next(4) == 0 ? "**" : text(of: parts, upTo: 3) }
        return (next(3) == 0 ? "/" : "") + names.joined(separator: "/")
            + (next(6) == 0 ? "/" : "")
    }
}

/// The rules again, as plainly as they can be written.
private enum PlainMatcher {
    static func fits(_ pattern: String, _ path: String) -> Bool {
        let names = path.split(separator: "/").map { Array($0.unicodeScalars) }
        let parts = pattern.split(separator: "/").map { Array($0.unicodeScalars) }
        // An entry fits with any directory above it.
        return (1...names.count).contains { end in
            (0..<end).contains { start in
                (start == 0 || !pattern.hasPrefix("/"))
                    && fits(parts[...], names[start..<end])
            } || parts.allSatisfy { $0 == ["*", "*"] }
        }
    }

    private static func fits(
        _ parts: ArraySlice<[Unicode.Scalar]>, _ names: ArraySlice<[Unicode.Scalar]>
    ) -> Bool {
        guard let part = parts.first else { return names.isEmpty }
        if part == ["*", "*"] {
            return fits(parts.dropFirst(), names)
                || !names.isEmpty && fits(parts, names.dropFirst())
        }
        guard let name = names.first, fits(part[...], name[...]) else { return false }
        return fits(parts.dropFirst(), names.dropFirst())
    }

    private static func fits(
        _ part: ArraySlice<Unicode.Scalar>, _ name: ArraySlice<Unicode.Scalar>
    ) -> Bool {
        guard let first = part.first else { return name.isEmpty }
        if first == "*" {
            return fits(part.dropFirst(), name) || !name.isEmpty && fits(part, name.dropFirst())
        }
        guard let letter = name.first else { return false }
        let rest = part.dropFirst()
        switch first {
        case "?": return fits(rest, name.dropFirst())
        case "\\": return rest.first == letter && fits(rest.dropFirst(), name.dropFirst())
        case "[":
            guard let end = rest.firstIndex(of: "]") else { return false }
            let isNegated = rest.first == "^"
            let members = Array(isNegated ? rest[..<end].dropFirst() : rest[..<end])
            // The only range that is drawn.
            let isMember =
                members == ["a", "-", "b"]
                ? "ab".unicodeScalars.contains(letter)
                : members.contains(letter)
            return isMember != isNegated && fits(rest[(end + 1)...], name.dropFirst())
        default: return first == letter && fits(rest, name.dropFirst())
        }
    }
}
