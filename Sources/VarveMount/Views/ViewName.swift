import VarveCrypto
import VarveFormat

/// Names of files for what may be any text.
enum ViewName {
    /// Longer ones are cut, so that something can stand behind them.
    static let bytesMax = 200

    /// A name for a host, a source or a tag; different texts may have the same one.
    static func name(for text: String) -> [UInt8] {
        var name = Array(text.utf8)
        if name.first == UInt8(ascii: "/"), name.count > 1 { name.removeFirst() }
        name = name.map { $0 == 0 || $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 }
        if name.isEmpty || name == Array(".".utf8) || name == Array("..".utf8) {
            return Array("_".utf8)
        }
        guard name.count > bytesMax else { return name }
        return name.prefix(bytesMax - 17) + digest(of: text)
    }

    /// A name for each of some texts, no two alike. One that is its own name keeps it; others that would have the same
    /// name have a digest behind it, so that no name ever means another text because one more is there.
    static func names(for texts: some Collection<ExactText>) -> [ExactText: [UInt8]] {
        let alike = Dictionary(grouping: texts) { name(for: $0.text) }
        var names: [ExactText: [UInt8]] = [:]
        for text in texts {
            let plain = name(for: text.text)
            let isOwn = plain.elementsEqual(text.text.utf8)
            var name = plain
            if !isOwn, alike[plain, default: []].count > 1 {
                name += digest(of: text.text)
                while alike[name] != nil { name += Array("~".utf8) }
            }
            names[text] = name
        }
        return names
    }

    private static func digest(of text: String) -> [UInt8] {
        let digest = SHA256.digest(Array(text.utf8))
        return Array("~".utf8) + Array(Hex.encode(digest.prefix(8)).utf8)
    }

    /// The second of a moment in nanoseconds since 1970, as `2026-11-21T10:15:00Z`.
    static func second(_ nanoseconds: Int64) -> String {
        Timestamp.text(nanoseconds: nanoseconds).prefix { $0 != "." } + "Z"
    }
}
