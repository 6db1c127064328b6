import VarveCrypto

/// File names for objects of a database, whose names may hold any character.
enum ObjectFileName {
    /// Letters, digits, `_`, `-` and what is beyond ASCII stay; the rest is written as `%XX`.
    static func encoded(_ name: String) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            let isPlain =
                byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                || Unicode.Scalar(byte).properties.isAlphabetic
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if isPlain {
                bytes.append(byte)
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                bytes += Array((byte < 16 ? "%0" : "%").utf8) + Array(hex.utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The file of a table's rows. One that is too long for a file name ends with a hash of it.
    static func table(_ schema: String, _ name: String) -> String {
        let whole = encoded(schema) + "." + encoded(name)
        guard whole.utf8.count > bytesMax else { return whole }
        let hash = SHA256.digest(Array(whole.utf8)).prefix(8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        var start = whole
        while start.utf8.count > bytesMax - 17 { start.removeLast() }
        return start + "-" + hash.joined()
    }

    private static let bytesMax = 255
}
