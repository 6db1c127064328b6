public import VarveFormat
public import VarveRepository
import VarveSystem

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
        // A stack of its own, so that no depth of stored directories exhausts the thread's.
        var stack = [(cursor: DirectoryCursor(content), path: path)]
        while !stack.isEmpty {
            let top = stack.count - 1
            guard let node = try stack[top].cursor.next(&reader) else {
                stack.removeLast()
                continue
            }
            let path = stack[top].path + [UInt8(ascii: "/")] + node.name
            if try body(path, node), node.kind == .directory, let below = node.content {
                stack.append((DirectoryCursor(below), path))
            }
        }
    }
}

extension ChunkReader {
    /// The node at `path` (components without slashes) below a directory's content.
    mutating func find(_ path: [[UInt8]], below root: Content) throws -> Node? {
        var content = root
        var found: Node?
        for (index, name) in path.enumerated() {
            var nodes = DirectoryCursor(content)
            found = nil
            while let node = try nodes.next(&self) {
                if node.name == name { found = node }
                // Names are in order.
                if !node.name.lexicographicallyPrecedes(name) { break }
            }
            guard index < path.count - 1 else { break }
            guard let below = found?.content, found?.kind == .directory else { return nil }
            content = below
        }
        return found
    }
}

/// What was found to be damaged in a tree; walking goes on around it.
final class TreeIssues {
    private(set) var all: [Issue] = []
    private let observer: ArchiveObserver
    private let progress: Progress

    init(_ observer: @escaping ArchiveObserver, _ progress: Progress) {
        self.observer = observer
        self.progress = progress
    }

    func note(_ path: [UInt8], _ error: RepositoryError) {
        let path = path.isEmpty ? "/" : RawText.text(path)
        all.append(Issue(path: path, reason: error.description))
        progress.addError()
        observer(.failed(path: path, reason: error.description))
    }
}

extension SnapshotTree {
    /// Walks like `walk`, and goes on past directories that are damaged.
    ///
    /// `directory` answers whether to go into one; `file` is called for everything else.
    mutating func walkReporting(
        _ content: Content, path: [UInt8], _ issues: TreeIssues,
        directory: (_ path: [UInt8], Node) throws -> Bool,
        file: (_ path: [UInt8], Node, inout ChunkReader) throws -> Void
    ) throws {
        var stack = [(cursor: DirectoryCursor(content), path: path)]
        while let top = stack.indices.last {
            let node: Node?
            do {
                node = try stack[top].cursor.next(&reader)
            } catch let error as RepositoryError {
                guard case .damaged = error else { throw error }
                issues.note(stack[top].path, error)
                stack.removeLast()
                continue
            }
            guard let node else {
                stack.removeLast()
                continue
            }
            let path = stack[top].path + [UInt8(ascii: "/")] + node.name
            if node.kind != .directory {
                try file(path, node, &reader)
            } else if try directory(path, node), let below = node.content {
                stack.append((DirectoryCursor(below), path))
            }
        }
    }
}
