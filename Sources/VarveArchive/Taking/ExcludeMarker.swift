import VarveSystem

/// A file that says that the directory it lies in is left out.
public struct ExcludeMarker: Sendable, Equatable {
    public var name: [UInt8]
    /// What the file must begin with; empty for any file.
    public var header: [UInt8]

    public init(name: [UInt8], header: [UInt8] = []) {
        self.name = name
        self.header = header
    }

    /// From `NAME` or `NAME:HEADER`; nil when that is no name of a file.
    public init?(_ text: String) {
        let bytes = RawText.bytes(text)
        let name = bytes.prefix { $0 != UInt8(ascii: ":") }
        guard !name.isEmpty, !name.contains(UInt8(ascii: "/")) else { return nil }
        self.init(name: Array(name), header: Array(bytes.dropFirst(name.count + 1)))
    }

    /// The file by which programs mark directories as caches (bford.info/cachedir).
    public static let cacheTag = ExcludeMarker(
        name: Array("CACHEDIR.TAG".utf8),
        header: Array("Signature: 8a477f597d28d172789f06886806bc55".utf8))

    /// Whether the directory has this marker; `holds` says whether there is something of a name.
    func marks(_ directory: borrowing File, _ holds: ([UInt8]) -> Bool) -> Bool {
        guard holds(name) else { return false }
        guard !header.isEmpty else { return true }
        var bytes = [UInt8](repeating: 0, count: header.count)
        guard let file = try? directory.openFile(name),
            let count = try? bytes.withUnsafeMutableBytes({ try file.readFully(at: 0, into: $0) })
        else { return false }
        return count == bytes.count && bytes == header
    }
}
