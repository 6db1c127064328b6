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
        let digest = name.withUnsafeBytes { SHA256.digest($0) }
        return name.prefix(bytesMax - 17) + Array("~".utf8)
            + Array(Hex.encode(digest.prefix(8)).utf8)
    }

    /// A name for each of some texts, no two alike.
    static func names(for texts: some Collection<String>) -> [String: [UInt8]] {
        var names: [String: [UInt8]] = [:]
        var taken: Set<[UInt8]> = []
        for text in texts.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let plain = name(for: text)
            var (name, number) = (plain, 2)
            while !taken.insert(name).inserted {
                name = plain + Array("~\(number)".utf8)
                number += 1
            }
            names[text] = name
        }
        return names
    }

    /// The second of a moment in nanoseconds since 1970, as `2026-11-21T10:15:00Z`.
    static func second(_ nanoseconds: Int64) -> String {
        Timestamp.text(nanoseconds: nanoseconds).prefix { $0 != "." } + "Z"
    }
}
