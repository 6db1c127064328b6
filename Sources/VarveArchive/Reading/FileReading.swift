public import VarveFormat
public import VarveRepository

/// Reads a regular file's bytes in order, holes as zeros, and lends them to `body` piece by piece.
///
/// Each chunk is hashed again before it is lent. A long file is read ahead by other threads, in three windows of
/// `windowBytes`; what is short is read by the thread that calls.
public func readFile(
    _ node: Node, of repository: Repository, windowBytes: Int = ReadLimits.streamWindowBytes,
    _ body: (UnsafeRawBufferPointer) throws -> Void
) throws {
    guard node.size > shortFileBytes || !node.holes.isEmpty else {
        var reader = try ChunkReader(repository)
        var chunks = ContentCursor(node.content ?? .empty)
        while let entry = try chunks.next(&reader) {
            try reader.load(entry.id) { bytes in
                guard bytes.count == entry.bytes else {
                    throw RepositoryError.damaged(
                        "chunk \(entry.id)", "it has another length than its list says")
                }
                try body(bytes)
            }
        }
        return
    }
    try ReadAhead<Never>(repository: repository, windowBytes: windowBytes).run { feed in
        var reader = try ChunkReader(repository)
        try feed.append(plain: node, &reader)
    } use: { window in
        try body(window.bytes)
    }
}

/// Up to this length reading ahead costs more than it saves.
private let shortFileBytes = 4 << 20
