import VarveFormat

/// Builds a content from its chunks in order, storing full lists on the way, so that memory does not
/// grow with the stream.
struct ContentBuilder {
    private var size = 0
    /// Entries that are in no list yet: chunks, then lists of chunks, and so on.
    private var levels: [[Content.Entry]] = [[]]

    typealias Store = (_ list: [UInt8]) throws -> ChunkID

    mutating func append(_ entry: Content.Entry, _ store: Store) throws {
        size += entry.bytes
        try append(entry, level: 0, store)
    }

    /// The content; the builder is spent.
    mutating func finish(_ store: Store) throws -> Content {
        var level = 0
        while level < levels.count - 1 || levels[level].count > ChunkList.inlineEntries {
            if !levels[level].isEmpty { try closeList(level, store) }
            level += 1
        }
        return Content(size: size, depth: level, entries: levels[level])
    }

    private mutating func append(_ entry: Content.Entry, level: Int, _ store: Store) throws {
        if level == levels.count { levels.append([]) }
        levels[level].append(entry)
        if ChunkList.ends(after: entry.id, count: levels[level].count) {
            try closeList(level, store)
        }
    }

    private mutating func closeList(_ level: Int, _ store: Store) throws {
        let list = ChunkList(depth: level, entries: levels[level])
        levels[level] = []
        let bytes = list.entries.reduce(0) { $0 + $1.bytes }
        let entry = Content.Entry(id: try store(list.encoded), bytes: bytes)
        try append(entry, level: level + 1, store)
    }
}
