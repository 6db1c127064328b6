public import VarveFormat
public import VarveSystem

/// A source that is no path of this machine, such as a database or a stream: it says which directories
/// and files it has, and gives the bytes of each.
///
/// Whatever it throws fails this source and no other; what was read of it is then not in the snapshot.
public protocol VirtualTree: Sendable {
    /// What the snapshot says that it is of. Without secrets, for everybody who lists snapshots sees it.
    var source: SnapshotManifest.Source { get }
    /// Where it lies: names from the snapshot's root on, at least one.
    var place: [[UInt8]] { get }
    /// Whether it is a directory, and not a single file.
    var isDirectory: Bool { get }
    /// Whether it can be opened and read once more.
    var isRepeatable: Bool { get }
    /// Whether an entry of this machine's that lies at its place is what it is of, and is not to be read as well.
    var standsForPath: Bool { get }
    /// How the names end of what lies beside the path that it stands for, and is read with it.
    var companions: [[UInt8]] { get }
    /// Connects, and says what there is.
    func open() throws -> any VirtualTreeReading
}

extension VirtualTree {
    public var isDirectory: Bool { true }
    public var isRepeatable: Bool { true }
    public var standsForPath: Bool { false }
    public var companions: [[UInt8]] { [] }
}

/// One reading of a virtual tree.
public protocol VirtualTreeReading: Sendable {
    /// All there is; its own name is that of the tree's place.
    var root: VirtualNode { get }
    /// How many files are read at the same time at most, 1 or more.
    var jobs: Int { get }
    /// Every file was read to its end: answers the anchors that place the source in time, or throws
    /// when what was read is not to be trusted.
    func finish() throws -> [String: String]
}

/// A directory or a file of a virtual tree.
public struct VirtualNode: Sendable {
    public enum Content: Sendable {
        /// Names are unique; the order does not matter.
        case directory([VirtualNode])
        case file(VirtualFile)
    }

    /// Without a slash, as `Node.isValid` wants it.
    public var name: [UInt8]
    public var content: Content
    /// Permission bits; by default those of what is for its owner alone.
    public var mode: UInt32
    /// Nanoseconds since 1970; the snapshot's time when nil.
    public var modified: Int64?
    /// What it has of a file of this machine: owner, and its extended attributes.
    public var likeness: VirtualLikeness?

    public init(
        _ name: [UInt8], _ content: Content, mode: UInt32? = nil, modified: Int64? = nil
    ) {
        self.name = name
        self.content = content
        self.modified = modified
        if let mode {
            self.mode = mode
        } else if case .directory = content {
            self.mode = 0o700
        } else {
            self.mode = 0o600
        }
    }
}

/// What an entry of a virtual tree takes over from a file of this machine.
public struct VirtualLikeness: Sendable {
    public var uid: UInt32
    public var gid: UInt32
    public var attributes: [Node.Attribute]

    /// Of an open file.
    public init(_ file: SharedFile) throws(SystemError) {
        let status = try file.file.status()
        (uid, gid) = (status.uid, status.gid)
        attributes = try file.file.extendedAttributes().map {
            Node.Attribute(name: $0.name, value: $0.value)
        }
    }
}

/// A file of a virtual tree.
public struct VirtualFile: Sendable {
    /// Opens its content, to be read by the thread with the number `job`, which is below the reading's `jobs`.
    /// No two files of the same job are open at the same time.
    public var open: @Sendable (_ job: Int) throws -> any ContentInput
    /// About how long it is; longer files are read first.
    public var expectedBytes: Int
    /// It is opened when all files that are not last were read to their ends.
    public var isLast: Bool

    public init(
        expectedBytes: Int = 0, isLast: Bool = false,
        open: @escaping @Sendable (_ job: Int) throws -> any ContentInput
    ) {
        self.open = open
        self.expectedBytes = expectedBytes
        self.isLast = isLast
    }
}
