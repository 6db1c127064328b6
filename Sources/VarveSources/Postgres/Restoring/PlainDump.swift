public import VarveArchive
public import VarveFormat
public import VarveRepository
public import VarveSystem

/// Writes a dumped database to `output` as one script for `psql`, as `pg_dump` would have written it.
public func dumpScript(
    at path: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
    to output: borrowing File, progress: Progress
) throws {
    let dump = try PostgresDump(at: path, named: nil, of: entry, repository)
    let tables = dump.manifest.tables
    progress.expect(files: tables.count, bytes: tables.reduce(0) { $0 + $1.bytes })
    // Names in the dump cannot guess this word, so they can tell psql nothing.
    let key = randomName(byteCount: 16)
    let before = try dump.script("schema-pre.sql")
    let isGuarded = SQLLines(before).contains { DumpScript.isForPsql($0.bytes) }
    if isGuarded { try output.write(Array("\\restrict \(key)\n".utf8)) }
    try writePlain(before, to: output)
    for table in tables {
        let name = table.root?.quotedName ?? table.quotedName
        let options = CopyOptions(encoding: dump.manifest.database.encoding).text
        let columns = table.columns.map(SQLText.identifier).joined(separator: ", ")
        let list = columns.isEmpty ? "" : " (\(columns))"
        try output.write(Array("\nCOPY \(name)\(list) FROM stdin\(options);\n".utf8))
        try dump.readRows(of: table) { try output.write($0) }
        try output.write(Array("\\.\n".utf8))
        progress.add(files: 1, bytes: table.bytes)
    }
    try output.write([UInt8(ascii: "\n")])
    try output.write(try dump.script("sequences.sql"))
    if dump.has("large_objects.sql") {
        try output.write(Array("\nBEGIN;\n".utf8))
        try dump.read("large_objects.sql") { try output.write($0) }
        try output.write(Array("COMMIT;\n".utf8))
    }
    try writePlain(try dump.script("schema-post.sql"), to: output)
    if isGuarded { try output.write(Array("\\unrestrict \(key)\n".utf8)) }
}

/// A script without the guards that stand in it.
private func writePlain(_ script: [UInt8], to output: borrowing File) throws {
    var kept: [UInt8] = []
    kept.reserveCapacity(script.count)
    for line in SQLLines(script) {
        if line.startsStatement, DumpScript.isForPsql(line.bytes) { continue }
        kept += line.bytes
    }
    try output.write(kept)
}
