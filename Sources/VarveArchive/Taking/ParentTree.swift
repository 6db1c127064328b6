import VarveFormat
import VarveRepository
import VarveSystem

/// The parent snapshot's tree, walked beside the one on disk, from its start to its end.
///
/// Where it is damaged, everything counts as new.
struct ParentTree {
    /// A directory of the parent: its content, and where its records start in the stat list.
    struct Place {
        var content: Content
        var records: Int
    }

    /// What the parent has under a name.
    struct Found {
        var node: Node
        /// Nil when the stat list does not tell.
        var record: StatRecord?
        /// For a directory, its place behind the records of the directory that it is in.
        var offset = 0
    }

    private var statList: StatListReader?
    /// Nil when there is no parent.
    let root: Place?

    init(_ manifest: SnapshotManifest?) {
        root = manifest.map { Place(content: $0.root.content, records: 0) }
        statList = manifest?.statList.map(StatListReader.init)
    }

    /// The record at `index`; indices must be asked for in ascending order.
    mutating func record(_ index: Int, _ reader: inout ChunkReader) throws -> StatRecord? {
        do {
            return try statList?.record(index, &reader)
        } catch RepositoryError.damaged {
            statList = nil
            return nil
        }
    }
}

/// Goes through one directory of the parent, whose names must be asked for in ascending order.
struct ParentCursor {
    private let place: ParentTree.Place
    private var cursor: DirectoryCursor
    private var ahead: Node?
    /// Nodes taken out of the cursor, and entries below the directories among them.
    private var count = 0
    private var below = 0
    private var isDamaged = false

    init(_ place: ParentTree.Place) {
        self.place = place
        cursor = DirectoryCursor(place.content)
    }

    mutating func find(
        _ name: [UInt8], in tree: inout ParentTree, _ reader: inout ChunkReader
    ) throws -> ParentTree.Found? {
        while let next = try peek(&reader) {
            if name.lexicographicallyPrecedes(next) { return nil }
            let (index, offset) = (place.records &+ count, below)
            guard let node = advance(), next == name else { continue }
            let record = try tree.record(index, &reader)
            return ParentTree.Found(node: node, record: record, offset: offset)
        }
        return nil
    }

    /// Where the records of the directory's own directories start, once all names were asked for; nil
    /// when it is damaged.
    mutating func end(_ reader: inout ChunkReader) throws -> Int? {
        while try peek(&reader) != nil { _ = advance() }
        return isDamaged ? nil : place.records &+ count
    }

    /// The name that comes next.
    private mutating func peek(_ reader: inout ChunkReader) throws -> [UInt8]? {
        if ahead == nil, !isDamaged {
            do {
                ahead = try cursor.next(&reader)
            } catch RepositoryError.damaged {
                isDamaged = true
            }
        }
        return ahead?.name
    }

    private mutating func advance() -> Node? {
        if ahead?.kind == .directory { below &+= ahead?.entriesBelow ?? 0 }
        count += 1
        return ahead.take()
    }
}

/// Reads a stat list from its start to its end, with gaps.
struct StatListReader {
    private var cursor: ContentCursor
    private let size: Int
    /// The chunk at hand, and where it starts.
    private var bytes: [UInt8] = []
    private var start = 0

    init(_ content: Content) {
        cursor = ContentCursor(content)
        size = content.size
    }

    /// The record at `index`; nil when it does not lie ahead.
    mutating func record(_ index: Int, _ reader: inout ChunkReader) throws -> StatRecord? {
        // The index comes from storage and may be anything.
        let (offset, overflow) = index.multipliedReportingOverflow(by: StatRecord.byteCount)
        guard !overflow, offset >= start, offset <= size - StatRecord.byteCount else { return nil }
        try load(offset, &reader)
        let from = offset - start
        if from <= bytes.count - StatRecord.byteCount {
            return try Self.decode(bytes[from..<from + StatRecord.byteCount])
        }
        // It goes on in the next chunk, which lies behind what is kept.
        guard from < bytes.count else { return nil }
        let first = bytes[from...]
        try load(start + bytes.count, &reader)
        let rest = StatRecord.byteCount - first.count
        return rest <= bytes.count ? try Self.decode(first + bytes[..<rest]) : nil
    }

    /// Makes the chunk that covers `offset` the one at hand.
    private mutating func load(_ offset: Int, _ reader: inout ChunkReader) throws {
        let end = start + bytes.count
        guard offset >= end else { return }
        let skipped = try cursor.skip(to: offset - end, &reader)
        start = end + skipped
        bytes = try cursor.next(&reader).map { try reader.load($0.id) } ?? []
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) throws -> StatRecord {
        try bytes.withUnsafeBytes {
            var fields = ByteReader($0)
            return try StatRecord(&fields)
        }
    }
}

extension StatRecord {
    /// Whether an entry of a file system looks as it did when a snapshot described it by this and `node`.
    func agrees(with status: FileStatus, _ node: Node) -> Bool {
        changed != 0 && changed == status.ctime && inode == status.inode
            && node.modified == status.mtime && Node.Kind(status.kind) == node.kind
            && (node.kind != .file || node.size == Int(status.size))
    }
}
