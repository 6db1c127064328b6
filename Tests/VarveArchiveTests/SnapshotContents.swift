import VarveArchive
import VarveFormat
import VarveRepository

/// Every file of a snapshot, read into memory, by its path.
func everyFile(
    of entry: RepositoryState.SnapshotEntry, _ repository: Repository
) throws -> [String: [UInt8]] {
    var tree = try SnapshotTree(repository, entry)
    var reader = try ChunkReader(repository)
    var files: [String: [UInt8]] = [:]
    try tree.walk(tree.content(of: nil), path: []) { path, node in
        if node.kind == .file, let content = node.content {
            files[String(decoding: path, as: UTF8.self)] = try bytes(of: content, &reader)
        }
        return true
    }
    return files
}

/// All bytes of a content; throws also when a chunk has another length than is said.
func bytes(of content: Content, _ reader: inout ChunkReader) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in try chunks(of: content, &reader) {
        let chunk = try reader.load(entry.id)
        guard chunk.count == entry.bytes else {
            throw RepositoryError.damaged("chunk \(entry.id)", "another length")
        }
        bytes += chunk
    }
    return bytes
}

/// The chunks of a content in order, whatever lists name them.
func chunks(of content: Content, _ reader: inout ChunkReader) throws -> [Content.Entry] {
    var entries: [Content.Entry] = []
    var cursor = ContentCursor(content)
    while let entry = try cursor.next(&reader) { entries.append(entry) }
    return entries
}
