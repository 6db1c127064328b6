public import VarveCrypto
import VarveFormat

/// The text of a key file, which holds one secret.
public enum KeyFile {
    private static let prefix = "varve-key-1:"
    /// No key file is longer.
    public static let bytesMax = 4 << 10

    /// The text of a key file with `secret`, with `comment` lines before it.
    public static func text(_ secret: SecretBytes, comment: [String]) -> [UInt8] {
        let (hex, check) = secret.withUnsafeBytes { bytes in
            (Hex.encode(bytes), Hex.encode(SHA256.digest(bytes).prefix(4)))
        }
        let lines = comment.map { "# \($0)" } + [prefix + hex + ":" + check, ""]
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// The secret of a key file's text; nil when it is none, or was mistyped.
    public static func secret(of text: [UInt8]) -> SecretBytes? {
        let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
        let values = lines.filter { !$0.hasPrefix("#") && !$0.allSatisfy(\.isWhitespace) }
        guard values.count == 1, values[0].hasPrefix(prefix) else { return nil }
        let fields = values[0].dropFirst(prefix.count).split(
            separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 2, var bytes = Hex.decode(String(fields[0])), bytes.count == 32 else {
            return nil
        }
        defer { bytes.withUnsafeMutableBytes { wipe($0) } }
        guard Hex.encode(SHA256.digest(bytes).prefix(4)) == String(fields[1]) else { return nil }
        return SecretBytes(copying: bytes)
    }
}
