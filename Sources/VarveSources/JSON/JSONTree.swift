import VarveArchive
import VarveFormat
import VarveSystem

/// A JSON file of this machine, which is stored whole or not at all, and known by its top-level members.
struct JSONTree: VirtualTree {
    static let scheme = "json"

    private let path: String

    /// The tree that a word of a command line stands for.
    static func trees(_ word: String, _ options: SourceOptions) throws -> [any VirtualTree] {
        let path = String(word.dropFirst(scheme.utf8.count + 1))
        guard !path.isEmpty else {
            throw SourceWordError.invalidURL(word, reason: "it names no file")
        }
        return [JSONTree(path: absolute(path))]
    }

    /// Without symbolic links, for the file that they lead to is what is stored.
    private static func absolute(_ path: String) -> String {
        if let found = try? File.realPath(path) { return found }
        guard !path.hasPrefix("/"), let here = try? File.realPath(".") else { return path }
        return here + "/" + path
    }

    var source: SnapshotManifest.Source {
        SnapshotManifest.Source(kind: .json, name: Array(path.utf8))
    }
    var place: [[UInt8]] { path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init) }
    var isDirectory: Bool { false }
    var standsForPath: Bool { true }

    func open() throws -> any VirtualTreeReading { JSONReading(file: try JSONFile(path)) }
}

/// A JSON file that was read.
struct JSONReading: VirtualTreeReading {
    /// Members that are told of: they stand in the snapshot's manifest.
    private static let membersMax = 256

    let file: JSONFile

    var jobs: Int { 1 }

    var root: VirtualNode {
        let bytes = file.text.bytes
        let content = VirtualFile(expectedBytes: bytes.count) { _ in BytesInput(bytes) }
        return VirtualNode(
            [], .file(content), mode: file.status.mode, modified: file.status.mtime)
    }

    /// Of each top-level member, by the pointer to it, the digest of its content and how many entries
    /// it has.
    func finish() -> [String: String] { Self.anchors(of: file.text) }

    /// The same of any text, to compare with what a snapshot keeps.
    static func anchors(of text: JSONText) -> [String: String] {
        guard text.root.kind == .object else { return ["": fact(text.root, in: text)] }
        let members = text.members(of: text.root)
        var facts: [String: String] = [:]
        for member in members.prefix(Self.membersMax) {
            let pointer = JSONPointer(steps: [member.name])
            facts[pointer.description] = fact(member.value, in: text)
        }
        if members.count > Self.membersMax { facts["members"] = "\(members.count)" }
        return facts
    }

    private static func fact(_ value: JSONText.Value, in text: JSONText) -> String {
        let digest = JSONDigest.hex(of: value, in: text)
        return text.count(of: value).map { "\(digest), \($0) entries" } ?? digest
    }
}
