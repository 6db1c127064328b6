public import VarveArchive
public import VarveFormat
public import VarveRepository
import VarveSystem

/// The formats that only `pg_dump` itself can write.
public enum DatabaseArchiveFormat: String, Sendable {
    case custom
    case directory
}

/// Restores a dumped database into a scratch one on the server of `word`, has `pg_dump` write that to `target`,
/// and drops it.
public func dumpArchive(
    at path: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
    as format: DatabaseArchiveFormat, through word: String, to target: String, progress: Progress
) throws {
    let dump = try PostgresDump(at: path, named: nil, of: entry, repository)
    let scratch = try PostgresURL(word).database("varve_scratch_" + randomName(byteCount: 6))
    let restore = PostgresRestore(
        dump: dump, url: scratch, options: DatabaseRestoreOptions(), progress: progress)
    _ = try restore.run()
    let written = Result { try write(scratch, format, to: target) }
    try restore.drop(scratch.database)
    try written.get()
}

private func write(
    _ url: PostgresURL, _ format: DatabaseArchiveFormat, to target: String
) throws {
    let connection = try PostgresSession.open(url)
    let programs = try PostgresPrograms.find(for: PostgresVersion(connection.serverVersion))
    let process = try programs.start(
        "pg_dump", ["--format=\(format.rawValue)", "--file=\(target)"], url, connection)
    try ProgramInput.checkEnd(of: process, "pg_dump --format=\(format.rawValue)")
}
