import Synchronization
import VarveFormat
import VarveRepository

/// A directory while its entries are read; it is stored when the last of them is done.
final class PendingDirectory: Sendable {
    /// The open directory; nil for one above the sources.
    let handle: SharedFile?
    /// Absolute, without a slash at the end; empty for the root.
    let path: [UInt8]

    private struct Place: Sendable {
        var directory: PendingDirectory
        var position: Int
    }

    private struct State: Sendable {
        var nodes: [Node] = []
        var records: [StatRecord] = []
        /// Positions of entries that turned out to be gone or unreadable.
        var dropped: Set<Int> = []
        /// Entries that are not done, and one more while the walker is at it.
        var waitingFiles = 1
        var waitingDirectories = 0
    }

    private let place: Place?
    private let state = Mutex(State())
    /// What to do with the root.
    private let root: (@Sendable (Content, _ entries: Int) -> Void)?

    /// The root of the snapshot.
    init(_ handle: SharedFile?, root: @escaping @Sendable (Content, _ entries: Int) -> Void) {
        self.handle = handle
        path = []
        place = nil
        self.root = root
    }

    /// The directory that stands at `position` in `parent`.
    init(_ handle: SharedFile?, path: [UInt8], in parent: PendingDirectory, at position: Int) {
        self.handle = handle
        self.path = path
        place = Place(directory: parent, position: position)
        root = nil
    }

    func path(of name: [UInt8]) -> [UInt8] { path + [UInt8(ascii: "/")] + name }

    func displayPath(of name: [UInt8]) -> String { String(decoding: path(of: name), as: UTF8.self) }

    /// Sets all entries, of which those at `files` and `directories` are not done.
    func set(_ nodes: [Node], _ records: [StatRecord], files: Int, directories: Int) {
        state.withLock { state in
            state.nodes = nodes
            state.records = records
            state.waitingFiles += files
            state.waitingDirectories = directories
        }
    }

    /// One entry is done, or is dropped; true when its directory can be stored.
    func complete(_ position: Int, _ node: Node?) -> Bool {
        state.withLock { state in
            if let node { state.nodes[position] = node } else { state.dropped.insert(position) }
            state.waitingFiles -= 1
            return state.waitingFiles + state.waitingDirectories == 0
        }
    }

    /// The same for several entries at once.
    func complete(_ done: [(position: Int, node: Node?)]) -> Bool {
        state.withLock { state in
            for (position, node) in done {
                if let node { state.nodes[position] = node } else { state.dropped.insert(position) }
            }
            state.waitingFiles -= done.count
            return state.waitingFiles + state.waitingDirectories == 0
        }
    }

    /// The node of an entry that is not done, to be filled in.
    func node(_ position: Int) -> Node { state.withLock { $0.nodes[position] } }

    /// The walker has seen all entries; true when the directory can be stored.
    func release() -> Bool {
        state.withLock { state in
            state.waitingFiles -= 1
            return state.waitingFiles + state.waitingDirectories == 0
        }
    }

    /// The stat records of the entries that stayed, once all files are done; nil before.
    func finishedRecords() -> [StatRecord]? {
        state.withLock { state in
            guard state.waitingFiles == 0 else { return nil }
            return Self.staying(state.records, state.dropped)
        }
    }

    /// Stores the directory, and each above it that is thereby complete.
    func store(_ writer: inout ChunkWriter, _ counts: RunCounts) throws {
        var directory = self
        while true {
            let nodes = directory.takeNodes()
            let content = try writer.storeDirectory(nodes, isRoot: directory.place == nil)
            counts.add(stored: nodes)
            let entries = nodes.reduce(nodes.count) { $0 &+ $1.entriesBelow }
            guard let place = directory.place else {
                directory.root?(content, entries)
                return
            }
            guard place.directory.complete(place.position, content, entries) else { return }
            directory = place.directory
        }
    }

    private func complete(_ position: Int, _ content: Content, _ entries: Int) -> Bool {
        state.withLock { state in
            state.nodes[position].content = content
            state.nodes[position].entriesBelow = entries
            state.waitingDirectories -= 1
            return state.waitingFiles + state.waitingDirectories == 0
        }
    }

    private func takeNodes() -> [Node] {
        state.withLock { state in
            defer { state.nodes = [] }
            return Self.staying(state.nodes, state.dropped)
        }
    }

    private static func staying<Item>(_ items: [Item], _ dropped: Set<Int>) -> [Item] {
        guard !dropped.isEmpty else { return items }
        return items.indices.filter { !dropped.contains($0) }.map { items[$0] }
    }
}

extension ChunkWriter {
    /// Stores a directory's nodes and returns their content.
    fileprivate mutating func storeDirectory(
        _ nodes: [Node], isRoot: Bool
    ) throws -> Content {
        let pieces = Directory.pieces(of: nodes)
        if !isRoot, pieces.count == 1, pieces[0].count <= Directory.literalBytesMax {
            return Content(literal: pieces[0])
        }
        var builder = ContentBuilder()
        for piece in pieces {
            let entry = Content.Entry(id: try storeMetadata(piece), bytes: piece.count)
            try builder.append(entry) { try storeMetadata($0) }
        }
        return try builder.finish { try storeMetadata($0) }
    }
}
