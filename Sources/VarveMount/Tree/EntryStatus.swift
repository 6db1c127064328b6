import VarveFormat

/// What `stat` says of an entry.
struct EntryStatus: Sendable, Equatable {
    var inode: UInt64
    var kind: Node.Kind
    /// The low twelve bits.
    var mode: UInt32
    var links: Int
    var uid: UInt32
    var gid: UInt32
    /// Of a device.
    var device = Node.Device(major: 0, minor: 0)
    var size: Int
    /// Units of 512 bytes.
    var blocks: Int
    /// Nanoseconds since 1970.
    var modified: Int64

    /// A directory's, whatever is in it: one link says that nobody counted the directories below.
    static let directoryBytes = 4_096

    init(_ node: Node, _ inode: InodeNumber, links: Int) {
        self.inode = inode.rawValue
        kind = node.kind
        mode = node.mode
        self.links = links
        (uid, gid) = (node.uid, node.gid)
        if let device = node.device { self.device = device }
        size =
            switch node.kind {
            case .directory: Self.directoryBytes
            case .symlink: node.target?.count ?? 0
            default: node.size
            }
        blocks = node.kind == .file ? ((node.content?.size ?? 0) + 511) / 512 : 0
        modified = node.modified
    }

    /// Of a view or the root of a snapshot: the owner is the user who mounted.
    init(
        _ kind: Node.Kind, _ inode: InodeNumber, mode: UInt32, size: Int, modified: Int64,
        uid: UInt32, gid: UInt32
    ) {
        self.inode = inode.rawValue
        (self.kind, self.mode, self.size, self.modified) = (kind, mode, size, modified)
        (self.uid, self.gid) = (uid, gid)
        links = 1
        blocks = 0
    }
}
