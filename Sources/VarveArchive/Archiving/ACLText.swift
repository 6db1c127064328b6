/// The text of a POSIX ACL, as tar archives keep it: `user::rw-,user:1000:r--,...`.
enum ACLText {
    /// The text for an attribute `system.posix_acl_*`: version 2, then tag, permissions and number of
    /// each entry, little-endian; nil for anything else.
    static func text(of attribute: [UInt8]) -> [UInt8]? {
        let entryBytes = 8
        guard attribute.count > 4, attribute.prefix(4) == [2, 0, 0, 0],
            (attribute.count - 4).isMultiple(of: entryBytes)
        else { return nil }
        var entries: [String] = []
        for start in stride(from: 4, to: attribute.count, by: entryBytes) {
            let entry = attribute[start..<start + entryBytes]
            guard let text = text(entry: Array(entry)) else { return nil }
            entries.append(text)
        }
        return Array(entries.joined(separator: ",").utf8)
    }

    private static func text(entry: [UInt8]) -> String? {
        func number(_ range: Range<Int>) -> Int {
            entry[range].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        let permissions = number(2..<4)
        guard permissions <= 7 else { return nil }
        let letters = zip("rwx", [4, 2, 1]).map { permissions & $1 == 0 ? "-" : String($0) }
            .joined()
        let id = number(4..<8)
        switch number(0..<2) {
        case 0x01: return "user::" + letters
        case 0x02: return "user:\(id):" + letters
        case 0x04: return "group::" + letters
        case 0x08: return "group:\(id):" + letters
        case 0x10: return "mask::" + letters
        case 0x20: return "other::" + letters
        default: return nil
        }
    }
}
