public import VarveFormat
public import VarveRepository
import VarveSystem

/// One side of a file whose changes are shown.
public struct PatchedFile: Sendable {
    /// Nil where there is no file.
    public var path: [UInt8]?
    /// Nil when they are not at hand.
    var bytes: [UInt8]?
    /// Why they are not.
    private(set) var reason = "longer than \(TextPatch.bytesMax >> 20) MiB"

    /// No file.
    public static let none = PatchedFile(path: nil, bytes: [])

    public init(path: [UInt8]?, bytes: [UInt8]?) {
        self.path = path
        self.bytes = bytes
    }

    /// A file of a snapshot.
    public init(_ node: Node, at path: [UInt8], of repository: Repository) throws {
        self.path = path
        guard node.size <= TextPatch.bytesMax else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(node.size)
        try readFile(node, of: repository) { bytes += $0 }
        self.bytes = bytes
    }

    /// A file of this machine; one that cannot be read any more says so.
    public init(live path: [UInt8]) {
        self.path = path
        do throws(SystemError) {
            let file = try File.openToRead(path)
            let status = try file.status()
            guard status.kind == .regular, status.size <= TextPatch.bytesMax else { return }
            bytes = try file.contents(limit: TextPatch.bytesMax)
        } catch {
            reason = error.reason
        }
    }
}

/// The changes of a text as a unified diff.
public enum TextPatch {
    /// What is longer is not compared line by line.
    public static let bytesMax = 1 << 20
    private static let context = 3

    /// The lines to print; a sentence for what is no text, or too long.
    public static func lines(_ old: PatchedFile, _ new: PatchedFile) -> [String] {
        let (before, after) = (name("a", old), name("b", new))
        guard let oldBytes = old.bytes, let newBytes = new.bytes else {
            let reason = old.bytes == nil ? old.reason : new.reason
            return ["Files \(before) and \(after) differ: \(reason)"]
        }
        guard let oldLines = textLines(oldBytes), let newLines = textLines(newBytes) else {
            return ["Binary files \(before) and \(after) differ"]
        }
        let changes = LineDiff(oldLines, newLines).unified(context: context)
        guard !changes.isEmpty else { return [] }
        // What is said of a line's end is a line of its own.
        return ["--- \(before)", "+++ \(after)"]
            + changes.flatMap {
                $0.utf8.split(separator: UInt8(ascii: "\n")).map { String($0) ?? "" }
            }
    }

    /// In quotes, as git and `patch` read them, when it holds more than can stand in a line.
    private static func name(_ side: String, _ file: PatchedFile) -> String {
        guard let path = file.path else { return "/dev/null" }
        let isPlain =
            !path.contains {
                $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
            }
        if isPlain, let text = String(validating: path, as: UTF8.self) { return side + text }
        let quoted = path.map { byte -> String in
            switch byte {
            case UInt8(ascii: "\""): "\\\""
            case UInt8(ascii: "\\"): "\\\\"
            case 0x20..<0x7f: String(Unicode.Scalar(byte))
            default:
                "\\" + String(repeating: "0", count: byte < 0o10 ? 2 : byte < 0o100 ? 1 : 0)
                    + String(byte, radix: 8)
            }
        }
        return "\"\(side)\(quoted.joined())\""
    }

    /// The lines of a text; nil for what is none. A last line without an end says so, so that it differs
    /// from one with an end.
    static func textLines(_ bytes: [UInt8]) -> [String]? {
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            return nil
        }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if lines.last == "" {
            lines.removeLast()
        } else {
            lines[lines.count - 1] += "\n\\ No newline at end of file"
        }
        return lines
    }
}
