public import VarveFormat
public import VarveRepository

/// The tree of one snapshot, for walking and looking up paths.
public struct SnapshotTree: ~Copyable {
    public let repository: Repository
    public let manifest: SnapshotManifest
    var reader: ChunkReader

    public init(_ repository: Repository, _ entry: RepositoryState.SnapshotEntry) throws {
        let manifest = try repository.manifest(entry)
        let reader = try ChunkReader(repository)
        self.repository = repository
        self.manifest = manifest
        self.reader = reader
    }

    /// The node at `path` (components without slashes); nil for the root itself, throws `.notFound`.
    public mutating func find(_ path: [[UInt8]]) throws -> Node? {
        guard !path.isEmpty else { return nil }
        guard let found = try reader.find(path, below: manifest.root.content) else {
            throw Self.missing(path)
        }
        return found
    }

    private static func missing(_ path: [[UInt8]]) -> RepositoryError {
        let text = path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        return .notFound("there is no /\(text) in this snapshot")
    }

    /// The content of the directory `node`, or of the root.
    public func content(of node: Node?) -> Content {
        guard let node else { return manifest.root.content }
        return node.content ?? .empty
    }

    /// Calls `body` for each node below `content`, directories before what is in them; `body`
    /// answers whether to go into a directory. `path` is the path of the directory, for `body`.
    public mutating func walk(
        _ content: Content, path: [UInt8],
        _ body: (_ path: [UInt8], Node) throws -> Bool
    ) throws {
        try walk(content, path: path) { _, error in
            throw error
        } _: { path, node, _ in
            try body(path, node)
        }
    }

    /// The same past directories that are damaged, of which `damaged` is told.
    mutating func walk(
        _ content: Content, path: [UInt8],
        damaged: (_ path: [UInt8], RepositoryError) throws -> Void,
        _ body: (_ path: [UInt8], Node, inout ChunkReader) throws -> Bool
    ) throws {
        try reader.walk(content, path: path, damaged: damaged, body)
    }
}

extension ChunkReader {
    /// Calls `body` for each node below a directory's content, past directories that are damaged, of which
    /// `damaged` is told; `body` answers whether to go into a directory.
    mutating func walk(
        _ content: Content, path: [UInt8],
        damaged: (_ path: [UInt8], RepositoryError) throws -> Void,
        _ body: (_ path: [UInt8], Node, inout ChunkReader) throws -> Bool
    ) throws {
        // A stack of its own, so that no depth of stored directories exhausts the thread's; and one
        // path for all levels, because each of many deep ones would be long.
        var current = path
        var stack = [(cursor: DirectoryCursor(content), pathBytes: path.count)]
        while let top = stack.indices.last {
            current.removeLast(current.count - stack[top].pathBytes)
            let node: Node?
            do {
                node = try stack[top].cursor.next(&self)
            } catch let error as RepositoryError {
                guard case .damaged = error else { throw error }
                try damaged(current, error)
                node = nil
            }
            guard let node else {
                stack.removeLast()
                continue
            }
            current.append(UInt8(ascii: "/"))
            current += node.name
            if try body(current, node, &self), node.kind == .directory, let below = node.content {
                stack.append((DirectoryCursor(below), current.count))
            }
        }
    }

    /// The node at `path` (components without slashes) below a directory's content.
    mutating func find(_ path: [[UInt8]], below root: Content) throws -> Node? {
        var content = root
        var found: Node?
        for (index, name) in path.enumerated() {
            found = try node(name, in: content)
            guard index < path.count - 1 else { break }
            guard let below = found?.content, found?.kind == .directory else { return nil }
            content = below
        }
        return found
    }
}
