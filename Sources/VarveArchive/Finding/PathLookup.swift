import VarveFormat
import VarveRepository

/// Looks up one path in many trees; a directory that is the same as in a tree before is not read again.
struct PathLookup: ~Copyable {
    enum Answer {
        case node(Node)
        /// The directory that would hold it, or one above, does not have it.
        case absent
        /// Nobody looked there.
        case unknown
    }

    private let path: [[UInt8]]
    private var reader: ChunkReader
    /// For each name of the path, what directories have under it.
    private var known: [[ContentKey: Node?]]

    /// Directories that are remembered for each name.
    private static let knownMax = 64

    init(_ path: [[UInt8]], _ repository: Repository) throws {
        reader = try ChunkReader(repository)
        self.path = path
        known = Array(repeating: [:], count: path.count)
    }

    /// What a tree has at the path; throws `.damaged` when it cannot be read so far.
    mutating func look(in root: SnapshotManifest.Root) throws -> Answer {
        var (content, isPartial) = (root.content, root.isPartial)
        var found: Node?
        for index in path.indices {
            if index > 0 {
                guard let node = found, node.kind == .directory else { return .absent }
                (content, isPartial) = (node.content ?? .empty, node.isPartial)
            }
            found = try node(index, in: content)
            if found == nil { return isPartial ? .unknown : .absent }
        }
        return found.map(Answer.node) ?? .unknown
    }

    private mutating func node(_ index: Int, in directory: Content) throws -> Node? {
        var writer = ByteWriter()
        directory.encode(into: &writer)
        let key = writer.bytes.withUnsafeBytes { ContentKey(digestOf: $0) }
        if let node = known[index][key] { return node }
        let node = try reader.node(path[index], in: directory)
        if known[index].count >= Self.knownMax { known[index] = [:] }
        known[index][key] = .some(node)
        return node
    }

    /// In what the contents of two files differ.
    mutating func difference(_ old: Node, _ new: Node) throws -> ContentDifference {
        try ContentDifference(old.content ?? .empty, new.content ?? .empty, &reader)
    }
}
