public import VarveFormat

/// Walks the chunks of a content in order, holding one chunk list for each level.
public struct ContentCursor: Sendable {
    private struct Level {
        var depth: Int
        var entries: [Content.Entry]
        var position = 0
    }

    private var levels: [Level]

    public init(_ content: Content) {
        levels = [Level(depth: content.depth, entries: content.entries)]
    }

    /// The next chunk, or nil at the end.
    public mutating func next(_ reader: inout ChunkReader) throws -> Content.Entry? {
        while let last = levels.indices.last {
            let level = levels[last]
            guard level.position < level.entries.count else {
                levels.removeLast()
                continue
            }
            levels[last].position += 1
            let entry = level.entries[level.position]
            guard level.depth > 0 else { return entry }
            let list = try reader.list(entry, depth: level.depth - 1)
            levels.append(Level(depth: level.depth - 1, entries: list.entries))
        }
        return nil
    }

    /// Skips chunks that end at or before `offset` bytes from here; returns where the next one starts.
    public mutating func skip(to offset: Int, _ reader: inout ChunkReader) throws -> Int {
        var start = 0
        while let last = levels.indices.last {
            let level = levels[last]
            guard level.position < level.entries.count else {
                levels.removeLast()
                continue
            }
            let entry = level.entries[level.position]
            if start + entry.bytes <= offset {
                start += entry.bytes
                levels[last].position += 1
            } else if level.depth > 0 {
                levels[last].position += 1
                let list = try reader.list(entry, depth: level.depth - 1)
                levels.append(Level(depth: level.depth - 1, entries: list.entries))
            } else {
                break
            }
        }
        return start
    }
}

extension ChunkReader {
    /// The chunk list that `entry` names.
    package mutating func list(_ entry: Content.Entry, depth: Int) throws -> ChunkList {
        try load(entry.id) { bytes in
            do throws(FormatError) {
                return try ChunkList(bytes, depth: depth, covering: entry.bytes)
            } catch {
                throw RepositoryError.damaged("chunk list \(entry.id)", error.description)
            }
        }
    }

    /// All bytes of a content of metadata, at most `limit`.
    public mutating func bytes(of content: Content, limit: Int) throws -> [UInt8] {
        guard content.size <= limit else {
            throw RepositoryError.damaged("a stored list", "it is longer than \(limit) bytes")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.size)
        var chunks = ContentCursor(content)
        while let entry = try chunks.next(&self) {
            try load(entry.id) { chunk in
                guard chunk.count == entry.bytes else { throw Self.wrongLength(entry.id) }
                bytes.append(contentsOf: chunk)
            }
        }
        return bytes
    }

    package static func wrongLength(_ id: ChunkID) -> RepositoryError {
        .damaged("chunk \(id)", "it has another length than its list says")
    }
}
