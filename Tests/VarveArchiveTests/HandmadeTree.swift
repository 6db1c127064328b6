import Testing
import VarveArchive
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveSystem

/// An entry of a tree as a test describes it, whether or not any file system could hold it.
struct HandmadeEntry {
    var node: Node
    /// Of a regular file.
    var bytes: [UInt8] = []
    /// Of a directory, stored in this order.
    var entries: [HandmadeEntry] = []

    init(_ kind: Node.Kind, _ name: [UInt8], mode: UInt32 = 0o640) {
        node = Node(kind: kind, name: name)
        node.mode = mode
        node.modified = 1_000_000_007_000_000_009
        node.uid = Accounts.currentUser
        node.gid = Accounts.currentGroup
        if kind == .symlink { node.target = Array("nowhere".utf8) }
        if kind == .characterDevice || kind == .blockDevice {
            node.device = Node.Device(major: 1, minor: 3)
        }
    }

    static func file(_ name: String, _ bytes: [UInt8], group: Int? = nil) -> HandmadeEntry {
        var entry = HandmadeEntry(.file, Array(name.utf8))
        entry.bytes = bytes
        entry.node.hardLinkGroup = group
        return entry
    }

    static func directory(_ name: String, _ entries: [HandmadeEntry]) -> HandmadeEntry {
        var entry = HandmadeEntry(.directory, Array(name.utf8), mode: 0o755)
        entry.entries = entries
        return entry
    }

    static func symlink(_ name: String, to target: String, group: Int? = nil) -> HandmadeEntry {
        var entry = HandmadeEntry(.symlink, Array(name.utf8))
        entry.node.target = Array(target.utf8)
        entry.node.hardLinkGroup = group
        return entry
    }
}

extension Sandbox {
    /// Stores the entries as the root of a snapshot.
    func store(
        _ entries: [HandmadeEntry], _ repository: Repository, sources: [String] = ["/gone"]
    ) throws -> RepositoryState.SnapshotEntry {
        try store(repository, sources: sources) { try $0.content(of: entries) }
    }

    /// Stores a snapshot whose root's content `make` gives.
    func store(
        _ repository: Repository, sources: [String] = ["/gone"],
        _ make: (inout ChunkWriter) throws -> Content
    ) throws -> RepositoryState.SnapshotEntry {
        let id = try #require(SnapshotID(randomBytes(SnapshotID.byteCount)))
        try WriteSession.run(repository) { session in
            var writer = try ChunkWriter(session)
            let root = try make(&writer)
            try writer.flush()
            let manifest = SnapshotManifest(
                id: id, time: 1, host: "host", user: "user",
                sources: sources.map { .init(kind: .path, name: Array($0.utf8)) },
                root: .init(content: root, entries: 0), program: "test")
            try session.commit(
                manifest, segments: try session.finish(),
                SnapshotSummary(time: 1, host: "host", user: "user", sources: sources))
        }
        try repository.refresh()
        return try #require(repository.state.snapshots.last { $0.id == id })
    }

    /// Restores a snapshot, or a part of it, into `target`.
    func restore(
        _ entry: RepositoryState.SnapshotEntry, _ repository: Repository, path: String = "",
        _ change: (inout RestoreOptions) throws -> Void = { _ in },
        observer: @escaping ArchiveObserver = { _ in }
    ) throws -> RestoreReport {
        var options = RestoreOptions(
            target: target, path: path.split(separator: "/").map { Array($0.utf8) })
        try change(&options)
        return try VarveArchive.restore(
            entry, of: repository, options, progress: Progress(), observer: observer)
    }
}

extension ChunkWriter {
    /// Stores a directory, of names in this order.
    mutating func content(of entries: [HandmadeEntry]) throws -> Content {
        var nodes: [Node] = []
        for entry in entries {
            var node = entry.node
            switch node.kind {
            case .directory: node.content = try content(of: entry.entries)
            case .file: node.content = try content(entry.bytes)
            default: break
            }
            nodes.append(node)
        }
        return try content(ofDirectory: nodes)
    }

    mutating func content(ofDirectory nodes: [Node]) throws -> Content {
        var content = Content.empty
        for piece in Directory.pieces(of: nodes) {
            let id = try storeMetadata(piece)
            content.entries.append(Content.Entry(id: id, bytes: piece.count))
            content.size += piece.count
        }
        return content
    }

    /// Stores `bytes` in chunks of 5,000.
    mutating func content(_ bytes: [UInt8]) throws -> Content {
        var content = Content.empty
        for start in stride(from: 0, to: bytes.count, by: 5_000) {
            let chunk = Array(bytes[start..<min(start + 5_000, bytes.count)])
            let id = try chunk.withUnsafeBytes { buffer in
                let id = try #require(ChunkID(SHA256.digest(buffer)))
                if try !isStored(id) { try add(buffer, id: id, features: nil, hint: nil) }
                return id
            }
            content.entries.append(Content.Entry(id: id, bytes: chunk.count))
            content.size += chunk.count
        }
        return content
    }
}

extension HandmadeEntry {
    /// The same with hard-link groups of other numbers: these hold for the whole snapshot.
    func inGroups(after number: Int) -> HandmadeEntry {
        var entry = self
        entry.node.hardLinkGroup = node.hardLinkGroup.map { $0 + number }
        entry.entries = entries.map { $0.inGroups(after: number) }
        return entry
    }
}
