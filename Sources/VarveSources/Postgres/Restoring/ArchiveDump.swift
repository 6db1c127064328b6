public import VarveArchive
public import VarveFormat
public import VarveRepository
public import VarveSystem

// The formats that only `pg_dump` itself can write: a dumped database is restored into a scratch one on the server
// that `word` names, `pg_dump` reads that, and it is dropped.

/// Writes what `pg_dump --format=custom` writes.
public func dumpCustom(
    at path: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
    through word: String, to output: borrowing File, progress: Progress
) throws {
    let format = "--format=custom"
    let scratch = try Scratch(at: path, of: entry, repository, through: word, progress)
    do {
        let input = try ProgramInput(scratch.startDump([format]), name: "pg_dump \(format)")
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { room in
            while true {
                let count = try input.read(into: room)
                guard count > 0 else { return }
                try output.write(UnsafeRawBufferPointer(rebasing: room[..<count]))
            }
        }
    } catch {
        try scratch.drop()
        throw error
    }
    try scratch.drop()
}

/// Writes what `pg_dump --format=directory` writes, into a directory `target` that is not there or empty.
public func dumpDirectory(
    at path: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
    through word: String, to target: String, progress: Progress
) throws {
    let format = "--format=directory"
    let scratch = try Scratch(at: path, of: entry, repository, through: word, progress)
    let done = Result {
        try ProgramInput.checkEnd(
            of: scratch.startDump([format, "--file=\(target)"]), "pg_dump \(format)")
    }
    try scratch.drop()
    try done.get()
}

/// A dumped database, restored under a name of its own.
private struct Scratch {
    private let restore: PostgresRestore

    init(
        at path: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
        through word: String, _ progress: Progress
    ) throws {
        let dump = try PostgresDump(at: path, named: nil, of: entry, repository)
        restore = PostgresRestore(
            dump: dump,
            url: try PostgresURL(word).database("varve_scratch_" + randomName(byteCount: 6)),
            options: DatabaseRestoreOptions(), progress: progress)
        _ = try restore.run()
    }

    func startDump(_ arguments: [String]) throws -> ChildProcess {
        let connection = try PostgresSession.open(restore.url)
        let programs = try PostgresPrograms.find(for: PostgresVersion(connection.serverVersion))
        return try programs.start("pg_dump", arguments, restore.url, connection)
    }

    func drop() throws { try restore.drop(restore.url.database) }
}
