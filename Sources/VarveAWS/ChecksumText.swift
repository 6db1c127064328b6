import FoundationEssentials
import VarveFormat

/// A SHA-256 as headers and names write it.
public enum ChecksumText {
    /// For headers: Base64 with padding.
    public static func encode(_ hash: [UInt8]) -> String { Data(hash).base64EncodedString() }

    /// Of a header; nil when it is none.
    public static func decode(_ text: String) -> [UInt8]? {
        Data(base64Encoded: text).map { Array($0) }
    }

    /// What the last component of an object's name is; nil when it is no hash.
    public static func hash(inName name: String) -> [UInt8]? {
        let last = name.split(separator: "/").last ?? ""
        return Hex.decode(String(last)).flatMap { $0.count == 32 ? $0 : nil }
    }
}
