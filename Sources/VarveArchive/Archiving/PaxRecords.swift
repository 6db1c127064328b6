/// Records of a pax extended header: `LENGTH KEY=VALUE` and a line end, where the length counts itself.
struct PaxRecords {
    private(set) var bytes: [UInt8] = []

    var isEmpty: Bool { bytes.isEmpty }

    mutating func append(_ more: PaxRecords) { bytes += more.bytes }

    mutating func add(_ key: some Collection<UInt8>, _ value: some Collection<UInt8>) {
        let rest = key.count + value.count + 3
        var length = rest + 1
        // One more digit may make the length itself longer.
        while length != rest + String(length).utf8.count {
            length = rest + String(length).utf8.count
        }
        bytes += String(length).utf8
        bytes.append(UInt8(ascii: " "))
        bytes += key
        bytes.append(UInt8(ascii: "="))
        bytes += value
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func add(_ key: String, _ value: [UInt8]) { add(key.utf8, value) }

    mutating func add(_ key: String, _ number: Int) { add(key.utf8, String(number).utf8) }

    /// A time in seconds with as many decimals as it needs.
    mutating func add(_ key: String, nanoseconds: Int64) {
        let (seconds, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        var text = (nanoseconds < 0 ? "-" : "") + String(seconds)
        if rest > 0 {
            var digits = String(rest)
            digits = String(repeating: "0", count: 9 - digits.utf8.count) + digits
            while digits.hasSuffix("0") { digits.removeLast() }
            text += "." + digits
        }
        add(key.utf8, text.utf8)
    }

    /// An extended attribute by its name. GNU tar writes `%` and `=` in names as `%25` and `%3D`.
    mutating func add(attribute name: [UInt8], _ value: [UInt8]) {
        var key = Array("SCHILY.xattr.".utf8)
        for byte in name {
            switch byte {
            case UInt8(ascii: "%"): key += "%25".utf8
            case UInt8(ascii: "="): key += "%3D".utf8
            default: key.append(byte)
            }
        }
        add(key, value)
    }
}
