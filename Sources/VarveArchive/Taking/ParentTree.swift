import VarveFormat
import VarveRepository

/// The parent snapshot's tree, walked beside the one on disk.
struct ParentTree {
    /// A directory of the parent: its nodes, and where its records start in the stat list.
    struct Directory {
        var nodes: [Node] = []
        var records: [StatRecord] = []
        /// For each node that is a directory, where the records of that directory start.
        var places: [Int] = []
        private var next = 0

        /// The node of this name; names must be asked for in ascending order.
        mutating func take(_ name: [UInt8]) -> Int? {
            while next < nodes.count, nodes[next].name.lexicographicallyPrecedes(name) { next += 1 }
            guard next < nodes.count, nodes[next].name == name else { return nil }
            return next
        }
    }

    private let root: Content
    private var statList: StatListReader?

    init(_ manifest: SnapshotManifest) {
        root = manifest.root.content
        statList = manifest.statList.map(StatListReader.init)
    }

    mutating func rootDirectory(_ reader: inout ChunkReader) throws -> Directory? {
        try directory(root, recordsAt: 0, &reader)
    }

    /// The directory that is the node at `index` of `directory`.
    mutating func directory(
        at index: Int, of directory: Directory, _ reader: inout ChunkReader
    ) throws -> Directory? {
        let node = directory.nodes[index]
        guard node.kind == .directory, let content = node.content else { return nil }
        return try self.directory(content, recordsAt: directory.places[index], &reader)
    }

    /// Nil when the parent is damaged here: then everything counts as new.
    private mutating func directory(
        _ content: Content, recordsAt start: Int, _ reader: inout ChunkReader
    ) throws -> Directory? {
        do {
            var directory = Directory()
            directory.nodes = try reader.nodes(of: content)
            directory.records =
                try statList?.records(start, count: directory.nodes.count, &reader) ?? []
            var place = start + directory.nodes.count
            for node in directory.nodes {
                directory.places.append(place)
                if node.kind == .directory { place &+= node.entriesBelow }
            }
            return directory
        } catch RepositoryError.damaged {
            return nil
        }
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

    /// `count` records from the one at `index`; none when they do not lie ahead.
    mutating func records(
        _ index: Int, count: Int, _ reader: inout ChunkReader
    ) throws -> [StatRecord] {
        // The index comes from storage and may be anything.
        let (offset, overflow) = index.multipliedReportingOverflow(by: StatRecord.byteCount)
        let length = count * StatRecord.byteCount
        guard !overflow, offset >= start, offset <= size, length <= size - offset else { return [] }
        let found = try read(offset, length, &reader)
        guard found.count == length else { return [] }
        var records: [StatRecord] = []
        records.reserveCapacity(count)
        try found.withUnsafeBytes { found in
            var fields = ByteReader(found)
            for _ in 0..<count { records.append(try StatRecord(&fields)) }
        }
        return records
    }

    private mutating func read(
        _ offset: Int, _ length: Int, _ reader: inout ChunkReader
    ) throws -> [UInt8] {
        var found: [UInt8] = []
        found.reserveCapacity(length)
        while found.count < length {
            let place = offset + found.count
            if place >= start + bytes.count {
                let skipped = try cursor.skip(to: place - start - bytes.count, &reader)
                start += bytes.count + skipped
                guard let entry = try cursor.next(&reader) else { return [] }
                bytes = try reader.load(entry.id)
            }
            let from = place - start
            guard from < bytes.count else { return [] }
            let part = bytes[from..<min(bytes.count, from + length - found.count)]
            found += part
        }
        return found
    }
}
