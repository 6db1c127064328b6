public import VarveFormat
import VarveRepository

/// One difference between two trees.
public struct TreeChange: Sendable {
    public enum Kind: Sendable, Equatable {
        case added, removed
        /// Another content, link target or device number.
        case content
        case type
        /// Only what the entry says of itself.
        case metadata
        /// The same content under another path; a directory stands for all that is in it.
        case moved
    }

    public var kind: Kind
    /// In the new tree; of what was removed, in the old one.
    public var path: [UInt8]
    /// Of what was moved, where it was.
    public var oldPath: [UInt8]?
    /// Nil for what was added.
    public var old: Node?
    /// Nil for what was removed.
    public var new: Node?
    /// Of a file with another content: plain bytes of the chunks that only one side has.
    public var bytesAdded = 0
    public var bytesRemoved = 0

    init(_ kind: Kind, _ path: [UInt8], old: Node? = nil, new: Node? = nil) {
        self.kind = kind
        self.path = path
        self.old = old
        self.new = new
    }

    /// The entry as it is now, or was at last.
    public var node: Node? { new ?? old }

    public var isDirectory: Bool { node?.kind == .directory }
}

/// How many entries of one sort differ, and how.
public struct ChangeCounts: Sendable, Equatable {
    public var added = 0
    public var removed = 0
    public var changed = 0
    public var moved = 0
    public var metadata = 0

    /// Nothing differs.
    public init() {}

    mutating func count(_ kind: TreeChange.Kind) {
        switch kind {
        case .added: added += 1
        case .removed: removed += 1
        case .content, .type: changed += 1
        case .moved: moved += 1
        case .metadata: metadata += 1
        }
    }
}

extension Node {
    /// Whether both say the same of themselves, their content and their links left aside.
    func hasMetadata(of other: Node) -> Bool {
        mode == other.mode && uid == other.uid && gid == other.gid && user == other.user
            && group == other.group && modified == other.modified && attributes == other.attributes
    }

    /// Whether both, of one type, are a file with the same bytes, a link to the same, or the same device.
    ///
    /// Of directories nothing is compared.
    func hasContent(of other: Node) -> Bool {
        guard kind != .directory else { return true }
        return content == other.content && holes == other.holes && target == other.target
            && device == other.device
    }

    /// What two files or directories share exactly when they hold the same; nil for what is empty, or
    /// something else.
    var contentKey: ContentKey? {
        guard let content, size > 0 else { return nil }
        var writer = ByteWriter()
        writer.write(kind.rawValue)
        content.encode(into: &writer)
        for hole in holes {
            writer.write(count: hole.dataBytes)
            writer.write(count: hole.holeBytes)
        }
        return writer.bytes.withUnsafeBytes { ContentKey(digestOf: $0) }
    }
}

enum ContentKeyKind {}

/// SHA-256 of what a node says of its content.
typealias ContentKey = Identifier<ContentKeyKind>
