public import VarveFormat
public import VarveRepository

/// The chunks in which two contents differ; lists that both name are not read.
public struct ContentDifference: Sendable {
    /// Chunks of the new content that the old one does not have, and the other way round; each once.
    public private(set) var added: [Content.Entry] = []
    public private(set) var removed: [Content.Entry] = []
    /// Lists that only one of them names.
    private(set) var addedLists: [ChunkID] = []
    private(set) var removedLists: [ChunkID] = []

    public var bytesAdded: Int { added.reduce(0) { $0 &+ $1.bytes } }
    public var bytesRemoved: Int { removed.reduce(0) { $0 &+ $1.bytes } }

    public init(_ old: Content, _ new: Content, _ reader: inout ChunkReader) throws {
        var (oldLevel, newLevel) = (Level(old), Level(new))
        // Level by level from the lists on top, so that both stand on the same one.
        while oldLevel.depth > 0 || newLevel.depth > 0 {
            if oldLevel.depth == newLevel.depth { Self.dropShared(&oldLevel, &newLevel) }
            let depth = max(oldLevel.depth, newLevel.depth)
            if oldLevel.depth == depth { removedLists += try oldLevel.descend(&reader) }
            if newLevel.depth == depth { addedLists += try newLevel.descend(&reader) }
        }
        Self.dropShared(&oldLevel, &newLevel)
        (removed, added) = (oldLevel.entries, newLevel.entries)
    }

    private static func dropShared(_ old: inout Level, _ new: inout Level) {
        let (before, after) = (Set(old.entries.lazy.map(\.id)), Set(new.entries.lazy.map(\.id)))
        old.keep { !after.contains($0) }
        new.keep { !before.contains($0) }
    }

    private struct Level {
        var depth: Int
        var entries: [Content.Entry]

        init(_ content: Content) { (depth, entries) = (content.depth, content.entries) }

        /// Keeps the first of each id that is wanted.
        mutating func keep(_ isWanted: (ChunkID) -> Bool) {
            var seen: Set<ChunkID> = []
            entries.removeAll { !isWanted($0.id) || !seen.insert($0.id).inserted }
        }

        /// Replaces the lists by what they name, each once, for storage may name one any number of times;
        /// answers which they were.
        mutating func descend(_ reader: inout ChunkReader) throws -> [ChunkID] {
            keep { _ in true }
            let lists = entries
            entries = []
            depth -= 1
            for list in lists { entries += try reader.list(list, depth: depth).entries }
            return lists.map(\.id)
        }
    }
}
