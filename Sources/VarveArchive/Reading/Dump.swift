public import VarveFormat
public import VarveRepository
public import VarveSystem

/// Writes the file at `path` in a snapshot to `output`, in order, and returns how many bytes.
///
/// Each chunk is hashed again before a byte of it is written. Holes are written as zeros.
public func dump(
    _ path: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
    to output: borrowing File, progress: Progress
) throws -> Int {
    var tree = try SnapshotTree(repository, entry)
    let name = path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    guard let node = try tree.find(path), node.kind == .file else {
        throw RepositoryError.notFound(
            "/\(name) is neither a file nor a directory; only these can be dumped")
    }
    progress.expect(files: 1, bytes: node.size)
    progress.show(name)
    try readFile(node, of: repository) { bytes in
        try output.write(bytes)
        progress.add(bytes: bytes.count)
    }
    return node.size
}
