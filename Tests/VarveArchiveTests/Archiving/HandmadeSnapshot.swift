import Testing
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveSystem

/// Takes a snapshot of a directory by nothing but the repository's writer of chunks, with holes,
/// hard links and extended attributes.
struct HandmadeSnapshot: ~Copyable {
    private var writer: ChunkWriter
    private var groups: [UInt64: Int] = [:]

    /// Stores `nodes` as the root of a snapshot.
    static func store(
        in repository: Repository, time: Int64 = 1,
        _ make: (inout HandmadeSnapshot) throws -> [Node]
    ) throws {
        let id = try #require(SnapshotID(randomBytes(SnapshotID.byteCount)))
        try WriteSession.run(repository) { session in
            var snapshot = HandmadeSnapshot(writer: try ChunkWriter(session))
            let content = try snapshot.directory(try make(&snapshot))
            try snapshot.writer.flush()
            let manifest = SnapshotManifest(
                id: id, time: time, host: "host", user: "user",
                sources: [.init(kind: .path, name: Array("/by hand".utf8))],
                root: .init(content: content, entries: 1), program: "test")
            try session.commit(
                manifest, segments: try session.finish(),
                SnapshotSummary(time: time, host: "host", user: "user", sources: ["/by hand"]))
        }
    }

    /// The directory at `path` as a node with this name.
    mutating func node(of path: String, name: String) throws -> Node {
        let directory = try File.openDirectory(path)
        return try directoryNode(directory, Array(name.utf8))
    }

    private mutating func directoryNode(
        _ directory: borrowing File, _ name: [UInt8]
    ) throws -> Node {
        var node = try node(.directory, name, try directory.status())
        node.attributes = try directory.extendedAttributes().map { .init(name: $0, value: $1) }
        var nodes: [Node] = []
        let entries = try directory.entries()
        for entry in entries.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            nodes.append(try self.entry(entry.name, in: directory))
        }
        node.entriesBelow = nodes.reduce(0) { $0 + 1 + $1.entriesBelow }
        node.content = try self.directory(nodes)
        return node
    }

    private mutating func entry(_ name: [UInt8], in directory: borrowing File) throws -> Node {
        let status = try directory.status(of: name, follow: false)
        switch status.kind {
        case .directory: return try directoryNode(try directory.openDirectory(name), name)
        case .symlink:
            var node = try node(.symlink, name, status)
            node.target = try directory.readLink(name)
            return node
        case .regular:
            var node = try node(.file, name, status)
            let file = try directory.openFile(name)
            node.attributes = try file.extendedAttributes().map { .init(name: $0, value: $1) }
            try fill(&node, file, status)
            return node
        case .characterDevice:
            var node = try node(.characterDevice, name, status)
            node.device = .init(major: 1, minor: 3)
            return node
        default: return try node(.fifo, name, status)
        }
    }

    private mutating func node(
        _ kind: Node.Kind, _ name: [UInt8], _ status: FileStatus
    ) throws -> Node {
        var node = Node(kind: kind, name: name)
        node.mode = kind == .symlink ? 0o777 : status.mode
        (node.uid, node.gid, node.modified) = (status.uid, status.gid, status.mtime)
        if status.links > 1, kind != .directory {
            if groups[status.inode] == nil { groups[status.inode] = groups.count + 1 }
            node.hardLinkGroup = groups[status.inode]
        }
        return node
    }

    /// Gives a file its content and its holes.
    private mutating func fill(
        _ node: inout Node, _ file: borrowing File, _ status: FileStatus
    ) throws {
        var data: [UInt8] = []
        var end = 0
        let isSparse = status.blocks * 512 < status.size
        let extents = isSparse ? try file.dataExtents() : [0..<status.size]
        for extent in extents {
            let (start, stop) = (Int(extent.lowerBound), Int(extent.upperBound))
            if start > end {
                let before = data.count - node.holes.reduce(0) { $0 + $1.dataBytes }
                node.holes.append(.init(dataBytes: before, holeBytes: start - end))
            }
            var bytes = [UInt8](repeating: 0, count: stop - start)
            _ = try bytes.withUnsafeMutableBytes { try file.readFully(at: start, into: $0) }
            data += bytes
            end = stop
        }
        if end < Int(status.size) {
            let before = data.count - node.holes.reduce(0) { $0 + $1.dataBytes }
            node.holes.append(.init(dataBytes: before, holeBytes: Int(status.size) - end))
        }
        node.content = try content(data)
    }

    /// Stores bytes in chunks of odd lengths.
    mutating func content(_ bytes: [UInt8]) throws -> Content {
        var content = Content(size: bytes.count, depth: 0, entries: [])
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = Array(rest.prefix(max(30_011, bytes.count / 30)))
            rest = rest.dropFirst(chunk.count)
            let id = try chunk.withUnsafeBytes { buffer in
                let id = try #require(ChunkID(SHA256.digest(buffer)))
                if try !writer.isStored(id) {
                    try writer.add(buffer, id: id, features: nil, hint: nil)
                }
                return id
            }
            content.entries.append(.init(id: id, bytes: chunk.count))
        }
        return content
    }

    /// The same content `count` times, in lists of 256 chunks.
    mutating func repeated(_ once: Content, _ count: Int) throws -> Content {
        let perList = 256 / once.entries.count
        var content = Content(size: once.size * count, depth: 1, entries: [])
        for start in stride(from: 0, to: count, by: perList) {
            let times = min(perList, count - start)
            let entries = (0..<times).flatMap { _ in once.entries }
            let id = try writer.storeMetadata(ChunkList(depth: 0, entries: entries).encoded)
            content.entries.append(.init(id: id, bytes: once.size * times))
        }
        return content
    }

    mutating func directory(_ nodes: [Node]) throws -> Content {
        var content = Content.empty
        for piece in Directory.pieces(of: nodes) {
            let id = try writer.storeMetadata(piece)
            content.entries.append(.init(id: id, bytes: piece.count))
            content.size += piece.count
        }
        return content
    }
}
